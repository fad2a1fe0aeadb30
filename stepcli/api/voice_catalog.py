"""The official voices this program knows by itself: for when the service cannot be asked.

The ids of both sites are from protocol.md §5; the English words describe what the service's own
Chinese names say. A voice that is not here is shown as the service describes it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

INTERNATIONAL = (
    "elegantgentle-female",
    "lively-girl",
    "livelybreezy-female",
    "magnetic-voiced-male",
    "soft-spoken-gentleman",
    "vibrant-youth",
    "zixinnansheng",
)
MAINLAND = ("cixingnansheng", "linjiajiejie", "lively-girl", "wenrounvsheng")

ENGLISH = {
    "boyinnansheng": "male broadcaster",
    "cixingnansheng": "man with a magnetic voice",
    "elegantgentle-female": "elegant, gentle woman",
    "jilingshaonv": "clever girl",
    "jingdiannvsheng": "classic female voice",
    "lengyanyujie": "cool, striking woman",
    "linjiajiejie": "big sister from next door",
    "linjiameimei": "little sister from next door",
    "lively-girl": "lively girl",
    "livelybreezy-female": "lively, breezy woman",
    "magnetic-voiced-male": "man with a magnetic voice",
    "qingchunshaonv": "innocent girl",
    "qingniandaxuesheng": "young male student",
    "qinqienvsheng": "warm, friendly woman",
    "ruanmengnvsheng": "soft, cute female voice",
    "ruyananshi": "cultured gentleman",
    "shenchennanyin": "deep male voice",
    "shuangkuaijiejie": "frank, outgoing big sister",
    "soft-spoken-gentleman": "soft-spoken gentleman",
    "tianmeinvsheng": "sweet female voice",
    "vibrant-youth": "vibrant young man",
    "wenjingxuejie": "quiet older student, female",
    "wenrounansheng": "gentle man",
    "wenrounvsheng": "gentle woman",
    "wenrougongzi": "gentle young nobleman",
    "wenroushunv": "gentle, mature woman",
    "youyanvsheng": "graceful woman",
    "yuanqinansheng": "energetic man",
    "yuanqishaonv": "energetic girl",
    "zhengpaiqingnian": "upright young man",
    "zhixingjiejie": "thoughtful big sister",
    "zixinnansheng": "confident man",
}


def built_in(base_url: str) -> tuple[str, ...]:
    """The ids known to exist on the site that ``base_url`` belongs to."""
    host = urlsplit(base_url).hostname or ""
    return MAINLAND if host.endswith("stepfun.com") else INTERNATIONAL
