"""Bids as long and as alike as real ones: words, set phrases, templates, the call's own text."""

from dataclasses import dataclass, field

import numpy as np

COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平"
    "形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党"
    "程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干"
    "做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单"
    "风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界"
)
HEADINGS = (
    "一、项目概述", "二、国内外现状与发展趋势", "三、需求分析与关键技术问题",
    "四、总体技术路线", "五、研究内容与创新点", "六、考核指标响应",
    "七、应用场景与示范方案", "八、实施计划与里程碑", "九、经费预算说明",
    "十、团队与工作基础", "十一、知识产权与成果转化", "十二、风险分析与应对措施",
)  # fmt: skip
MARKS = np.array(["", "", "", "", "", "", "", "，", "，", "。", "、", "；\n"])


@dataclass
class Corpus:
    """Texts, the call's text that all of them quote, and which pairs share how much."""

    texts: list[str] = field(default_factory=list)
    call: str = ""
    planted: dict[tuple[int, int], float] = field(default_factory=dict)


class Writer:
    """Writes documents from one seed, always the same."""

    def __init__(self, seed: int, clauses: int = 300, vocabulary: int = 12_000) -> None:
        self.random = np.random.default_rng(seed)
        signs = np.array(list(dict.fromkeys(COMMON)))
        weights = 1 / np.arange(1, len(signs) + 1) ** 0.5
        lengths = self.random.choice([1, 2, 3, 4], vocabulary, p=[0.05, 0.7, 0.15, 0.1])
        drawn = self.random.choice(signs, lengths.sum(), p=weights / weights.sum())
        ends = np.cumsum(lengths)
        words = ["".join(drawn[end - n : end]) for n, end in zip(lengths, ends, strict=True)]
        self.words = np.array(words, dtype=object)
        self.words_of = self._zipf(vocabulary, 0.9)
        self.phrases = np.array([self._line(5) for _ in range(4000)], dtype=object)
        self.phrases_of = self._zipf(4000, 0.7)
        self.clauses = [self.prose(140) for _ in range(clauses)]
        self.clauses_of = self._zipf(clauses, 0.8)

    @staticmethod
    def _zipf(count: int, power: float) -> np.ndarray:
        return np.cumsum(1 / np.arange(1, count + 1) ** power)

    def _draw(self, sums: np.ndarray, count: int) -> np.ndarray:
        return np.searchsorted(sums, self.random.random(count) * sums[-1])

    def _line(self, words: int) -> str:
        return "".join(self.words[self._draw(self.words_of, words)])

    def tokens(self, characters: int) -> np.ndarray:
        """Words with set phrases and marks among them, about so many characters."""
        count = max(4, characters * 10 // 27)
        line = self.words[self._draw(self.words_of, count)]
        spots = self.random.random(count) < 0.03
        line[spots] = self.phrases[self._draw(self.phrases_of, int(spots.sum()))]
        return line + self.random.choice(MARKS, count).astype(object)

    def prose(self, characters: int) -> str:
        """A text of about so many characters."""
        return "".join(self.tokens(characters))

    def changed(self, tokens: np.ndarray, share: float = 0.05) -> np.ndarray:
        """The same with a share of the words replaced."""
        other = tokens.copy()
        spots = self.random.random(len(tokens)) < share
        other[spots] = self.words[self._draw(self.words_of, int(spots.sum()))]
        return other

    def bid(self, own: np.ndarray, call: str) -> str:
        """A bid: headings, clauses of templates, the call quoted, and its own text."""
        clauses = self.random.permutation(np.unique(self._draw(self.clauses_of, 8)))
        parts = np.array_split(own, len(HEADINGS))
        quoted = self.random.integers(0, max(1, len(call) - 900))
        lines = [call[quoted : quoted + 900]]
        for number, (heading, part) in enumerate(zip(HEADINGS, parts, strict=True)):
            lines += [heading, "".join(part)]
            if number < len(clauses):
                lines.append(self.clauses[clauses[number]])
        return "\n".join(lines)


def corpus(count: int, copies: int, seed: int = 1) -> Corpus:
    """So many bids of 3,000 to 10,000 characters, among them `copies` that share 20, 50 or 80 %."""
    writer = Writer(seed, clauses=max(9, min(300, count // 12)))
    made = Corpus(call=writer.prose(2500))
    kept: list[np.ndarray] = []
    for number in range(count - copies):
        own = writer.tokens(int(writer.random.integers(1500, 7500)))
        if number < copies:
            kept.append(own)
        made.texts.append(writer.bid(own, made.call))
    for number, source in enumerate(kept):
        share = (0.2, 0.5, 0.8)[number % 3]
        made.planted[number, len(made.texts)] = share
        made.texts.append(writer.bid(_copied(writer, source, share), made.call))
    return made


def _copied(writer: Writer, source: np.ndarray, share: float) -> np.ndarray:
    """A text as long as its source, of which a share is copied in three pieces, and changed."""
    size = len(source)
    taken = max(1, int(size * share))
    start = writer.random.integers(0, size - taken + 1)
    pieces = np.array_split(source[start : start + taken], 3)
    fill = np.array_split(writer.tokens(int((size - taken) * 2.7) + 8)[: size - taken], 3)
    mixed = [(writer.changed(piece), own) for piece, own in zip(pieces, fill, strict=True)]
    return np.concatenate([part for pair in mixed for part in pair])
