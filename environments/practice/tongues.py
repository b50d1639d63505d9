"""Buttons in Korean, Russian and Chinese: pointing at labels that are not English.

Responsible for the words and their one scene each. They stand apart from ``templates.TEMPLATES``,
for they need fonts that not every system has; training draws from both.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import partial

from environments.practice.canvas import Look
from environments.practice.layout import button_rows, place, rows_used
from environments.practice.tasks import Scene, Template
from environments.practice.templates import press
from environments.practice.world import World

WORDS: Mapping[str, tuple[str, ...]] = {
    "korean": (
        "저장", "열기", "인쇄", "보내기", "답장", "삭제", "복사", "붙여넣기", "취소", "확인",
        "찾기", "도움말", "다음", "이전", "시작", "중지", "재생", "공유", "가져오기",
        "내보내기", "이동", "편집", "정렬", "필터", "새로고침", "설치", "검색", "제출", "적용",
        "설정", "닫기", "추가",
    ),
    "russian": (
        "Сохранить", "Открыть", "Печать", "Отправить", "Ответить", "Удалить", "Копировать",
        "Вставить", "Отмена", "Готово", "Найти", "Справка", "Далее", "Назад", "Старт", "Стоп",
        "Пауза", "Поделиться", "Импорт", "Экспорт", "Правка", "Фильтр", "Обновить", "Архив",
        "Загрузить", "Войти", "Поиск", "Применить", "Настройки", "Закрыть", "Добавить",
        "Выход",
    ),
    "chinese": (
        "保存", "打开", "打印", "发送", "回复", "删除", "复制", "粘贴", "取消", "确定", "查找",
        "帮助", "下一步", "返回", "开始", "停止", "播放", "分享", "导入", "导出", "移动",
        "编辑", "排序", "筛选", "刷新", "安装", "搜索", "提交", "应用", "设置", "关闭", "添加",
    ),
}  # fmt: skip
"""What buttons say, as desktops in these languages put it."""

ASKING: Mapping[str, str] = {
    "korean": "“{}” 누르세요.",
    "russian": "Нажмите “{}”.",
    "chinese": "点击 “{}”。",
}
"""The request in the language itself; two in English stand beside it."""

MOST_PX = 304


def press_in(tongue: str, rng: random.Random, look: Look) -> Scene:
    """Press one of four to eight buttons with labels in a language."""
    title, *labels = rng.sample(WORDS[tongue], rng.randint(5, 9))
    buttons = button_rows(rng, labels, MOST_PX)
    window = place(rng, title, MOST_PX, rows_used(buttons))
    window.widgets = buttons
    wanted = rng.choice(labels)
    wordings = (f"Click {wanted}.", f"Press the {wanted} button.", ASKING[tongue].format(wanted))
    return Scene(World([window], look), wordings, {f"press:{wanted}": 1}, press(wanted), 1)


TONGUES: Mapping[str, Template] = {f"press_{each}": partial(press_in, each) for each in WORDS}
"""The templates by name."""
