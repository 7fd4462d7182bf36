"""The front half in a real browser, with a real worker: from a need to the bids that pass."""

from datetime import timedelta

import pytest

from tests.conftest import settings_for
from tests.factories.accounts import PASSWORD
from tests.journeys.people import (
    AUTOSAVED,
    PHONE,
    People,
    barriers,
    fetched,
    fits,
    judge,
    launched,
    press,
    refetched,
    says,
    tab_to,
    told,
    typed,
)
from tests.journeys.running import ThreadClock, running_portal, started_browser
from tests.journeys.scene import TWO_SHARES, make_scene
from tests.journeys.workbook import IMPORTED, fill_in
from tests.waiting import until

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys of the front half")]
SHEET = "form[data-autosave]"
AGREE = 'form[action$="/answer"]:has([name=answer][value=yes])'
QUESTION = "试运行能否分成两段，中间避开检修期？"
FORBIDDEN, CONFLICT = 403, 409
CHINESE, ENGLISH = (pytest.mark.parametrize("language", [language]) for language in ("zh-CN", "en"))


@pytest.fixture(scope="module")
def portal(program, servers, new_database, worker_id, tmp_path_factory):
    """One portal for all: its address, its clock, and who is there."""
    scenes = []

    def fill(app):
        scenes.append(make_scene(app))

    url, folder = new_database(f"front_{worker_id}"), tmp_path_factory.mktemp("front")
    settings = settings_for(url, servers.redis_url, folder / "files")
    with running_portal(settings, folder, fill) as (address, app):
        yield address, ThreadClock(app), scenes[0]


@pytest.fixture(scope="module")
def screens(program, portal):
    """Windows by language."""
    with started_browser(program) as browser:
        yield launched(browser, portal[0])


@pytest.fixture
def people(screens, portal, language):
    """Whoever comes; what their pages complain about fails the journey."""
    _, clock, scene = portal
    made = People(screens[language], scene, clock)
    yield made
    assert made.leave() == []


NEED = {
    "title": "连铸坯表面裂纹在线检测",
    "problem": "人工目检漏检率约百分之八，夜班更高，批量退货每月一次。",
    "site": "二号连铸线出坯辊道",
    "existing": "进口设备不适应高温水汽，算法不开放。",
    "worth": "漏检率降到百分之一以下，每年少损失三百万元。",
    "money": "120",
    "pain_points": ["P1"],
}


@CHINESE
def test_a_need_becomes_a_draft_and_its_owner_sees_it(people):
    owner, officer = people.at(people.scene.rival), people.at(people.scene.officer)
    owner.visit("/needs/new")
    assert barriers(owner) == []
    owner.act("form:has([name=problem])", NEED)
    need = owner.path()
    owner.act('form[action$="/hand-in"]', {})
    officer.visit("/desk/needs")
    officer.visit(officer.link(need))
    officer.act('form[action$="/sort"]', {"cluster_id": "机器视觉重点项目群", "priority": "high"})
    call = f"{people.scene.call} {people.scene.call_title}"
    officer.act('form[action$="/draft"]', {"call": call})
    officer.visit("/desk/challenges")
    assert NEED["title"] in officer.words("main")
    owner.visit(need)
    says(owner, "main", "正在据此起草榜题")
    told(owner, NEED["title"])


@ENGLISH
def test_a_section_of_a_challenge_is_saved_as_one_types(people):
    officer, words = people.at(people.scene.officer), "Cracks are found too late."
    section = f"/desk/challenges/{people.scene.drafts[0]}/edit/basics"
    officer.visit(section)
    assert barriers(officer) == []
    assert typed(officer, "background", words).status == 200
    says(officer, ".saved-state", "林一")
    officer.screen.locator("[name=background]").press_sequentially(" And more.")
    officer.visit("/desk/challenges")
    officer.screen.go_back()
    says(officer, "[name=background]", f"{words} And more.")
    assert typed(officer, "background", words).status == 200, "nobody else has written here"
    assert typed(officer, "title", "  ").status == 422
    says(officer, ".saved-state", "Not saved: something here is wrong.")
    officer.visit(section)
    assert officer.values("[name=title]", "value") != [""]


@CHINESE
def test_two_officers_at_one_section_do_not_overwrite_each_other(people):
    first, second = people.at(people.scene.officer), people.at(people.scene.second)
    section = f"/desk/challenges/{people.scene.drafts[1]}/edit/scenario"
    for one in (first, second):
        one.visit(section)
    first.act(SHEET, {"scenario_use": "甲写的用途"})
    assert typed(second, "scenario_use", "乙写的用途").status == 409
    says(second, ".saved-state", "保存")
    assert second.send(SHEET, {}) == 409
    both = second.words(".both-texts")
    assert "甲写的用途" in both
    assert "乙写的用途" in both
    assert barriers(second) == []
    second.act(SHEET, {"scenario_use": "甲、乙商定的用途"})
    first.visit(section)
    assert first.words("[name=scenario_use]") == "甲、乙商定的用途"


@ENGLISH
def test_a_workbook_with_a_mistake_is_told_where_and_a_right_one_comes_in(people, tmp_path):
    officer = people.at(people.scene.officer)
    officer.visit("/desk/calls/import")
    template = fetched(officer, 'a[href$="/template.xlsx"]')
    wrong, right = tmp_path / "wrong.xlsx", tmp_path / "right.xlsx"
    fill_in(template, wrong, "Machine vision", city="a lot")
    fill_in(template, right, "Machine vision", city="300")
    officer.send("form:has([name=file])", {"file": wrong})
    assert officer.has(".error-summary")
    cells = officer.each("main tbody tr:first-child td")
    assert cells[0] == "Challenges"
    assert cells[1].isdecimal()
    assert cells[2].endswith("City funds (10,000 yuan)")
    assert cells[3] == "Please enter a number."
    assert not officer.has('form[action*="/desk/calls/import/"]'), "nothing half-imported"
    assert barriers(officer) == []
    officer.visit("/desk/calls/import")
    officer.act("form:has([name=file])", {"file": right})
    officer.act('form[action*="/desk/calls/import/"]', {})
    officer.visit("/desk/challenges")
    assert IMPORTED in officer.words("main")


@CHINESE
def test_a_lead_finds_follows_keeps_a_search_and_asks_without_a_name(people):
    scene = people.scene
    lead, officer, second = (people.at(one) for one in (scene.lead, scene.officer, scene.second))
    lead.visit("/challenges")
    lead.screen.locator("#words").fill("触觉")
    lead.screen.get_by_role("button", name="检索", exact=True).click()
    lead.screen.wait_for_url("**words=**")
    lead.screen.wait_for_load_state("networkidle")
    says(lead, "#found [role=status]", "1 ")
    lead.screen.locator("#stage").select_option("open")
    lead.screen.wait_for_url("**stage=open**")
    assert "高炉内壁触觉检测机器人" in lead.words("#found")
    assert "绿轴动态三维重建" not in lead.words("#found")
    assert barriers(lead) == []
    lead.visit(lead.link("/following/searches/new"))
    lead.act("form:has([name=name])", {"name": "触觉"})
    lead.visit(f"/challenges/{scene.open}")
    lead.act('form[action$="/follow"]', {})
    officer.visit(f"/desk/challenges/{scene.coming}/edit")
    press(officer, 'form[action$="/propose"] button')
    second.visit(officer.path())
    press(second, 'form[action$="/approve"] button')
    told(lead, "柔性触觉皮肤")
    lead.visit(f"/challenges/{scene.open}/questions")
    lead.act("form:has([name=text])", {"text": QUESTION})
    officer.visit(f"/desk/challenges/{scene.open}/questions")
    officer.visit(officer.link("/desk/questions/"))
    assert "陈光" not in officer.words("main")
    officer.act("form:has([name=answer])", {"answer": "可以，每段不少于一个月。"}, button="act")
    told(lead, "提出的问题已答复")
    stranger = people.stranger()
    stranger.visit(f"/challenges/{scene.open}/questions")
    assert QUESTION in stranger.words("main")
    assert "每段不少于一个月" in stranger.words("main")


@ENGLISH
def test_a_reviewer_scores_from_the_keyboard_and_loses_no_keystroke(people, program, tmp_path):
    reviewer, (first, second) = people.at(people.scene.reviewer), people.scene.sheets
    reviewer.visit(first)
    assert barriers(reviewer) == []
    keys, state = reviewer.screen.keyboard, f"{SHEET} .saved-state"
    reviewer.screen.locator("[name=lines-0-points]").focus()
    for points in (20, 16, 12, 12, 8, 8, 4):
        keys.type(str(points))
        keys.press("Enter")
    keys.type("Sound.")
    says(reviewer, "output", "80")
    with reviewer.screen.expect_navigation():
        keys.press("Control+Enter")
    assert reviewer.path() == second
    assert typed(reviewer, "comment", "With the net").status == 200
    back = people.killed_while_typing(program, tmp_path, second, " and without")
    with back.screen.expect_response(AUTOSAVED) as answer:
        back.visit(second)
    assert answer.value.status == 200
    back.close()
    reviewer.visit(second)
    assert reviewer.screen.locator("[name=comment]").input_value() == "With the net and without"
    again = reviewer.another()
    reviewer.screen.context.clear_cookies()
    comment = reviewer.screen.locator("[name=comment]")
    comment.press("End")
    comment.press_sequentially(", signed out")
    says(reviewer, state, "Not saved: you are signed out.")
    again.visit("/sign-in")
    again.act("form:has([name=password])", {"email": people.scene.reviewer, "password": PASSWORD})
    with reviewer.screen.expect_response(AUTOSAVED) as answer:
        reviewer.screen.evaluate("window.dispatchEvent(new Event('focus'))")
    assert answer.value.status == 200
    again.visit(second)
    assert "and without, signed out" in again.screen.locator("[name=comment]").input_value()
    again.act(SHEET, {"comment": "From the other window"})
    assert typed(reviewer, "comment", "From the first window").status == CONFLICT
    assert reviewer.send(SHEET, {}) == CONFLICT
    assert reviewer.words(".score-other__text") == "From the other window"


@ENGLISH
def test_a_team_writes_one_bid_side_by_side_and_loses_nothing(people):
    scene = people.scene
    lead, partner = people.at(scene.writer), people.at(scene.partner)
    lead.visit(f"/challenges/{scene.open}")
    lead.act('form[action$="/bids"]', {})
    bid = lead.path().removesuffix("/edit")
    lead.visit(f"{bid}/edit/outline")
    assert typed(lead, "title", "A robot that feels").status == 200
    says(lead, ".saved-state", "Saved")
    for name in (scene.partner_name, scene.decliner_name):
        lead.visit(f"{bid}/team")
        lead.act("form:has([name=who])", {"who": name, "duty": "Tests on the furnace"})
    decliner = people.at(scene.decliner)
    decliner.visit(f"{bid}/team")
    decliner.act('form[action$="/answer"]:has([name=answer][value=no])', {})
    partner.visit(f"{bid}/team")
    assert barriers(partner) == []
    partner.act(AGREE, {})
    lead.visit(f"{bid}/team")
    assert "Declined" in lead.words("main")
    agreed = lead.screen.locator("article", has_text=scene.partner_name)
    with lead.screen.expect_navigation():
        agreed.get_by_role("link", name="Change what is asked").click()
    lead.act("form:has([name=duty])", {"duty": "Tests, and their report"})
    partner.visit(f"{bid}/team")
    assert "Tests, and their report" in partner.words("main")
    partner.act(AGREE, {})
    assert not partner.has(AGREE)
    lead.visit(f"{bid}/edit")
    lead.act('form[action$="/edit/scenario/owner"]', {"owner": scene.partner_id})
    assert partner.open(f"{bid}/edit/route") == FORBIDDEN
    partner.visit(f"{bid}/edit/scenario")
    lead.visit(f"{bid}/edit/route")
    assert typed(partner, "scenario", "First the lower floor.").status == 200
    assert typed(lead, "route", "Touch, then sight.").status == 200
    lead.visit(bid)
    for words in ("A robot that feels", "First the lower floor.", "Touch, then sight."):
        assert words in lead.words("main")
    for one in (lead, partner):
        one.visit(f"{bid}/edit/scenario")
    assert typed(partner, "scenario", "First the upper floor.").status == 200
    assert typed(lead, "scenario", "Both floors at once.").status == CONFLICT
    assert lead.send(SHEET, {}) == CONFLICT
    for words in ("First the upper floor.", "Both floors at once."):
        assert words in lead.words(".conflict")
    assert barriers(lead) == []
    lead.act(SHEET, {"choice:scenario": "theirs"})
    lead.visit(bid)
    assert "First the upper floor." in lead.words("main")
    assert fetched(lead, 'a[href$="/paper"]').read_bytes().startswith(b"%PDF-")


@ENGLISH
def test_anybody_reads_on_a_phone_what_is_asked_what_changed_and_what_was_answered(people):
    anybody, challenge = people.stranger(), f"/challenges/{people.scene.amended}"
    anybody.screen.set_viewport_size(PHONE)
    anybody.visit("/challenges")
    assert fits(anybody)
    anybody.visit(f"/calls/{people.scene.call}")
    assert fits(anybody)
    assert barriers(anybody) == []
    anybody.visit(anybody.link(challenge))
    assert fits(anybody)
    assert barriers(anybody) == []
    anybody.visit(anybody.link(f"{challenge}/amendments/"))
    assert "24" in anybody.words(".facts--changes del")
    assert "30" in anybody.words(".facts--changes ins")
    assert fits(anybody)
    assert barriers(anybody) == []
    anybody.visit(challenge)
    anybody.visit(anybody.link(f"{challenge}/questions"))
    assert "占比不低于百分之八十即可" in anybody.words("#no-1")
    assert fits(anybody)


@ENGLISH
def test_the_list_and_a_section_are_used_with_the_keyboard_alone(people):
    reader = people.at(people.scene.officer)
    keyboard = reader.screen.keyboard
    reader.visit("/challenges")
    tab_to(reader, "#words")
    keyboard.type("绿轴")
    keyboard.press("Enter")
    reader.screen.wait_for_url("**words=**")
    says(reader, "#found [role=status]", "1 challenge")
    tab_to(reader, "#stage")
    keyboard.press("o")
    keyboard.press("Tab")
    reader.screen.wait_for_url("**stage=open**")
    challenge = f"/challenges/{people.scene.amended}"
    tab_to(reader, f'a[href="{challenge}"]')
    assert refetched(reader, "form.finder") == challenge, "it still has the focus"
    keyboard.press("Enter")
    reader.screen.wait_for_url(f"**{challenge}")
    sheet = f"/desk/challenges/{people.scene.drafts[2]}/edit"
    reader.visit(f"{sheet}/basics")
    tab_to(reader, "[name=title]")
    keyboard.press("Control+A")
    keyboard.press("Delete")
    press(reader, f"{SHEET} button.button--primary")
    assert reader.values(":focus", "class") == ["error-summary"]
    tab_to(reader, ".error-summary a")
    keyboard.press("Enter")
    assert reader.values(":focus", "name") == ["title"]
    reader.visit(f"{sheet}/scenario")
    tab_to(reader, "[name=scenario_site]")
    keyboard.press("Control+A")
    keyboard.type("Hall 3")
    press(reader, f"{SHEET} button.button--primary")
    assert "Saved." in reader.words(".flashes")
    assert reader.values("[name=scenario_site]", "value") == ["Hall 3"]


@CHINESE
def test_after_the_deadline_a_bid_is_opened_corrected_where_it_was_asked_and_passes(people):
    scene, bid = people.scene, people.scene.bids[0]
    opening = f"/challenges/{scene.closing}/opening"
    early = people.at(scene.officer)
    early.visit(opening)
    assert not early.has("form#shares"), "the deadline has not passed"
    people.clock.move(timedelta(days=1, minutes=1))
    officer, lead = people.at(scene.officer), people.at(scene.lead)
    officer.visit(opening)
    assert barriers(officer) == []
    officer.act("form#shares", TWO_SHARES)

    def opened():
        officer.visit(opening)
        return officer.has("#report")

    until(opened, "the bids are opened", seconds=45)
    assert barriers(officer) == []
    check = f"{bid}/check"
    judge(officer, check, "agreement", "fails", "联合协议缺少盖章页。")
    assert barriers(officer) == []
    asked = {"sections": ["route"], "remark": "请在技术路线中补充测试安排。", "days": "3"}
    officer.act('form[action$="/check/correction"]', asked)
    told(lead, "需补正")
    lead.visit(f"{bid}/formal-check")
    assert lead.open(f"{bid}/edit/outline") in (FORBIDDEN, CONFLICT)
    lead.visit(f"{bid}/formal-check")
    lead.visit(lead.link(f"{bid}/edit/route"))
    lead.act(SHEET, {"route": "补充：第六个月起由第三方逐月测试。"})
    lead.visit(f"{bid}/formal-check")
    lead.act('form[action$="/formal-check/correction"]', {"answer": "已补充测试安排。"})
    for item in ("agreement", "credit", "substance"):
        judge(officer, check, item, "holds", "已核验。")
    officer.act('form[action$="/check/pass"]', {})
    likeness = f"/challenges/{scene.closing}/likeness"
    officer.visit(likeness)
    officer.act(f'form[action="{likeness}"]', {})

    def compared():
        officer.visit(likeness)
        return officer.has("main tbody tr")

    until(compared, "the bids are compared", seconds=45)
    assert barriers(officer) == []
    officer.visit(officer.link("/likeness/"))
    assert officer.has(".passage mark")
