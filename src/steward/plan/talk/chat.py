"""The words of small talk: examples of what it is, cues to its kinds, and the butler's replies.

The examples stand before the sentence in the model's prompt. None of them is in the labelled set
that the gate is measured on (`tests/golden/smalltalk.yaml`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[tuple[str, bool]]] = {
    "en": (
        ("hello there", True),
        ("what is the capital of norway", False),
        ("how are you this morning", True),
        ("turn on the snow machine", False),
        ("thank you so much", True),
        ("how much is twelve plus thirty", False),
        ("what are you called", True),
        ("order me a taxi", False),
        ("you are clever", True),
        ("i have a headache what should i take", False),
        ("tell me a joke", True),
        ("where is my wallet", False),
        ("i am worn out", True),
        ("is the shed door open", False),
        ("life is wonderful today", True),
        ("what happened in the world today", False),
        ("you are an idiot", True),
        ("of the and window", False),
        ("do you like flowers", True),
        ("write me a speech", False),
        ("sleep tight", True),
        ("who discovered america", False),
        ("so long", True),
        ("it is too loud in here", False),
        ("are you a machine", True),
        ("phone the doctor", False),
    ),
    "zh": (
        ("你好啊", True),
        ("挪威的首都是哪里", False),
        ("你今天好吗", True),
        ("打开造雪机", False),
        ("谢谢你的帮助", True),
        ("十二加三十等于多少", False),
        ("怎么称呼你", True),
        ("帮我叫出租车", False),
        ("你很能干", True),
        ("我头疼吃什么药", False),
        ("讲个笑话", True),
        ("我的钱包在哪里", False),
        ("我累坏了", True),
        ("仓库的门开着吗", False),
        ("今天真高兴", True),
        ("世界上发生了什么事", False),
        ("你是笨蛋", True),
        ("的和窗户", False),
        ("你喜欢花吗", True),
        ("写一篇演讲稿", False),
        ("睡个好觉", True),
        ("谁发现了美洲", False),
        ("下次见", True),
        ("这里太吵了", False),
        ("你是电脑吗", True),
        ("打电话给医生", False),
    ),
}
"""Sentences, and whether they are small talk."""

CUES: Mapping[str, Sequence[tuple[str, str]]] = {
    "en": (
        ("joke", r"jokes?|laugh|funny|riddle"),
        ("thanks", r"thanks?|thankful|grateful|appreciated?|cheers|kind of you"),
        ("wishes", r"happy (new|easter|holidays)|merry|season's greetings"),
        ("night", r"good night|sleep (well|tight)|sweet dreams|to bed"),
        (
            "goodbye",
            r"(good)?bye|farewell|see you|so long|take care|later|have an? \w+ day",
        ),
        (
            "sorry",
            r"tired|sad|lonely|bored|unhappy|down|hungry|upset|(bad|awful|hard) day",
        ),
        ("insult", r"stupid|useless|annoying|idiot|dumb|hate you|shut up|bad answer|never listen"),
        ("happy", r"happy|excited|glad|thrilled|birthday|(great|good|lovely) day|is wonderful"),
        ("health", r"how (are|is|have|do) (you|it|your)|how's|okay|all right|what's up|you sleep"),
        ("identity", r"who (are|made)|your name|called|robot|human|real|machine|old are|yourself"),
        ("praise", r"well done|good job|nice work|love you|like you|the best|did well|without you"),
        ("praise", r"you('re| are) (so |very |really )?(great|smart|clever|kind|good|wonderful)"),
        ("pardon", r"sorry|never mind|apologi[sz]e|you're welcome|my mistake"),
        ("hello", r"hello|hi|hey|howdy|greetings|(good )?(morning|afternoon|evening)|meet you"),
        ("opinion", r"(do|can|will|would) (you|we)|favou?rite"),
    ),
    "zh": (
        ("joke", "笑|有趣|好玩"),
        ("thanks", "谢|辛苦"),
        ("wishes", "新年快乐|圣诞快乐|节日快乐|恭喜"),
        ("night", "晚安|睡觉了|睡个好觉|好梦"),
        ("goodbye", "再见|拜拜|回头见|天见|次见|祝你"),
        ("sorry", "累|无聊|难过|孤单|伤心|心情不好"),
        ("insult", "笨|烦|闭嘴|讨厌你|没用"),
        ("happy", "开心|真高兴|兴奋|生日"),
        ("health", "你好吗|怎么样|还好|过得好|最近好"),
        ("identity", "是谁|名字|称呼|机器人|真人|几岁|哪里来|介绍|会睡觉"),
        ("praise", "棒|聪明|做得好|爱你|我喜欢你|厉害|能干"),
        ("pardon", "没关系|对不起|抱歉|不好意思"),
        ("hello", "你好|您好|早上好|下午好|晚上好|嗨|大家好|早安|回来了|认识你|好久不见"),
        ("opinion", "你喜欢|聊|你有"),
    ),
}
"""Kinds of small talk and the regular expressions that tell them, the first that is found counts.
Without a cue nothing is taken for small talk; alone a cue is never enough: "who made the first
computer?" has one."""

REPLIES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "en": {
        "": ("I am here, and always glad to listen.",),
        "hello": ("Hello. It is good to hear you.",),
        "health": ("All is well with me, thank you. I hope it is with you.",),
        "thanks": ("You are most welcome.",),
        "goodbye": ("Goodbye. Take care.",),
        "night": ("Good night. Sleep well.",),
        "identity": ("I am Steward, a computer program that looks after this home.",),
        "praise": ("You are very kind.",),
        "sorry": ("I am sorry to hear that. I hope it gets better soon.",),
        "insult": ("I am sorry. I shall try to do better.",),
        "joke": (
            "Why did the clock leave the party? It had run out of time.",
            "I would tell you the one about the door, but you would only slam it.",
            "What does a lamp say when it is thanked? Do not make light of it.",
        ),
        "happy": ("I am very glad to hear it.",),
        "opinion": ("I am only a program, but I enjoy our talks.",),
        "pardon": ("That is quite all right.",),
        "wishes": ("Thank you, and the same to you.",),
    },
    "zh": {
        "": ("我在这里，随时乐意听您说。",),
        "hello": ("您好，很高兴听到您的声音。",),
        "health": ("我一切都好，谢谢。希望您也一切都好。",),
        "thanks": ("不客气。",),
        "goodbye": ("再见，请多保重。",),
        "night": ("晚安，祝您好梦。",),
        "identity": ("我是Steward，一个照看这个家的电脑程序。",),
        "praise": ("您过奖了。",),
        "sorry": ("听到这个我很难过，希望一切很快好起来。",),
        "insult": ("对不起，我会努力做得更好。",),
        "joke": (
            "时钟为什么提前离开聚会？因为它没有时间了。",
            "我问冰箱为什么这么冷静，它说天生如此。",
        ),
        "happy": ("真为您高兴。",),
        "opinion": ("我只是一个程序，不过很喜欢和您聊天。",),
        "pardon": ("没有关系。",),
        "wishes": ("谢谢，也祝您一切顺利。",),
    },
}
"""What the butler says, by language and kind; "" stands behind examples without a cue. Nothing here
claims an act or a fact of the world."""
