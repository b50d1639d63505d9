from agent.models.qwen3_vl.drafts import GUESSED, Drafts


def remembering(*replies: list[int]) -> Drafts:
    drafts = Drafts()
    for reply in replies:
        drafts.remember(reply)
    return drafts


def test_what_followed_the_same_words_last_time_is_guessed() -> None:
    drafts = remembering([1, 2, 3, 4, 5], [9, 2, 3, 7, 8])
    assert drafts.guess([0, 2, 3]) == [7, 8]
    assert drafts.guess([1, 2, 3]) == [4, 5], "a longer passage says more than a later one"


def test_a_reply_is_guessed_to_begin_as_the_last_one_did() -> None:
    assert remembering([1, 2], list(range(20))).guess([]) == list(range(GUESSED))
    assert Drafts().guess([]) == []


def test_nothing_is_guessed_from_one_word_or_from_the_end_of_a_reply() -> None:
    drafts = remembering([1, 2, 3])
    assert drafts.guess([2]) == []
    assert drafts.guess([5, 2, 3]) == []


def test_bytes_of_neighbours_are_not_taken_for_a_token() -> None:
    # As bytes, 0x00000100 0x00000001 holds 0x00010000 0x00000100 one byte off.
    drafts = remembering([0x100, 0x1, 0x5])
    assert drafts.guess([0x10000, 0x100]) == []
    assert remembering([0x10000, 0x100, 7, 0x100, 0x1, 0x5]).guess([0x10000, 0x100])[0] == 7
