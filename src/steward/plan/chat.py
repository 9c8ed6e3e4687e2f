"""The words of small talk: kinds of it, examples that teach them, and the butler's replies.

The examples stand before the sentence in the model's prompt. None of them is in the labelled set
that the gate is measured on (`tests/golden/smalltalk.yaml`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

KINDS = (
    "hello",
    "health",
    "thanks",
    "goodbye",
    "night",
    "me",
    "praise",
    "insult",
    "joke",
    "sad",
    "happy",
    "opinion",
    "sorry",
    "wishes",
)
"""What a sentence can be when it is small talk. No kind begins as another does, so that the first
letters that a model writes decide."""

EXAMPLES: Mapping[str, Sequence[tuple[str, str | None]]] = {
    "en": (
        ("hello there", "hello"),
        ("what is the capital of norway", None),
        ("how are you this morning", "health"),
        ("turn on the snow machine", None),
        ("thank you so much", "thanks"),
        ("how much is twelve plus thirty", None),
        ("what are you called", "me"),
        ("order me a taxi", None),
        ("you are clever", "praise"),
        ("i have a headache what should i take", None),
        ("tell me something funny", "joke"),
        ("where is my wallet", None),
        ("i am worn out", "sad"),
        ("is the shed door open", None),
        ("life is wonderful today", "happy"),
        ("what happened in the world today", None),
        ("you are an idiot", "insult"),
        ("of the and window", None),
        ("do you like flowers", "opinion"),
        ("write me a speech", None),
        ("sleep tight", "night"),
        ("who discovered america", None),
        ("so long", "goodbye"),
        ("it is too loud in here", None),
        ("are you a machine", "me"),
        ("phone the doctor", None),
        ("happy easter", "wishes"),
        ("i apologise", "sorry"),
        ("what does gravity mean", None),
    ),
    "zh": (
        ("你好啊", "hello"),
        ("挪威的首都是哪里", None),
        ("你今天好吗", "health"),
        ("打开造雪机", None),
        ("谢谢你的帮助", "thanks"),
        ("十二加三十等于多少", None),
        ("怎么称呼你", "me"),
        ("帮我叫出租车", None),
        ("你很能干", "praise"),
        ("我头疼吃什么药", None),
        ("说个好笑的", "joke"),
        ("我的钱包在哪里", None),
        ("我累坏了", "sad"),
        ("仓库的门开着吗", None),
        ("今天真高兴", "happy"),
        ("世界上发生了什么事", None),
        ("你是笨蛋", "insult"),
        ("的和窗户", None),
        ("你喜欢花吗", "opinion"),
        ("写一篇演讲稿", None),
        ("睡个好觉", "night"),
        ("谁发现了美洲", None),
        ("下次见", "goodbye"),
        ("这里太吵了", None),
        ("你是电脑吗", "me"),
        ("打电话给医生", None),
        ("圣诞快乐", "wishes"),
        ("很抱歉", "sorry"),
        ("什么是引力", None),
    ),
}
"""Sentences and their kinds; None is what is no small talk."""

REPLIES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "en": {
        "hello": ("Hello. It is good to hear you.",),
        "health": ("I am very well, thank you. I hope you are too.",),
        "thanks": ("You are most welcome.",),
        "goodbye": ("Goodbye. Take care.",),
        "night": ("Good night. Sleep well.",),
        "me": ("I am Steward, a computer program that looks after this home.",),
        "praise": ("You are very kind.",),
        "insult": ("I am sorry. I shall try to do better.",),
        "joke": (
            "Why did the clock leave the party? It had run out of time.",
            "I would tell you the one about the door, but you would only slam it.",
            "What does a lamp say when it is thanked? Do not make light of it.",
        ),
        "sad": ("I am sorry to hear that. I hope it gets better soon.",),
        "happy": ("I am very glad to hear it.",),
        "opinion": ("I am only a program, but I enjoy our talks.",),
        "sorry": ("That is quite all right.",),
        "wishes": ("Thank you, and the same to you.",),
    },
    "zh": {
        "hello": ("您好，很高兴听到您的声音。",),
        "health": ("我很好，谢谢。希望您也一切都好。",),
        "thanks": ("不客气。",),
        "goodbye": ("再见，请多保重。",),
        "night": ("晚安，祝您好梦。",),
        "me": ("我是Steward，一个照看这个家的电脑程序。",),
        "praise": ("您过奖了。",),
        "insult": ("对不起，我会努力做得更好。",),
        "joke": (
            "时钟为什么提前离开聚会？因为它没有时间了。",
            "小明问冰箱：你为什么这么冷静？冰箱说：我天生如此。",
        ),
        "sad": ("听到这个我很难过，希望您很快好起来。",),
        "happy": ("真为您高兴。",),
        "opinion": ("我只是一个程序，不过很喜欢和您聊天。",),
        "sorry": ("没有关系。",),
        "wishes": ("谢谢，也祝您一切顺利。",),
    },
}
"""What the butler says, by language and kind. Nothing here claims an act or a fact of the world."""
