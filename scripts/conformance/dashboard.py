"""Judges slipway dashboard in a real browser: the rollback of a bad deploy among 200 by keyboard alone, every page by
axe in light and dark, narrow and wide, and reading without scripts. SLIPWAY_SCREENSHOTS names a folder for pictures."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from fleet import KEY, Fleet
from plane import Repository, example, expect

SLIPWAY = os.path.join(os.environ["SLIPWAY_BIN"], "slipway")
BAD = "support-agent-137"
REASON = "INC-42: answers in French"
problems = []
WIDTHS = [360, 800, 1400]
SUBJECTS = ["Answer greetings", "Ask for the order number", "Keep the last three turns",
            "Raise the limit of tool calls to 12 and explain in the log why a call was refused", "Shorten the prompt"]


def chromium():
    return next((found for name in ["chromium", "chromium-browser", "google-chrome"] if (found := shutil.which(name))), None)


class Dashboard:
    """`slipway dashboard`, ended with Ctrl-C."""

    def __init__(self, fleet, folder, state, *flags):
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("LANG")}
        self.environment |= {"LANGSMITH_API_KEY": KEY, "SLIPWAY_STATE_DIR": state}
        self.connection = ["--control-plane", fleet.url]
        self.folder, self.flags = folder, flags

    def __enter__(self):
        self.process = subprocess.Popen(
            [SLIPWAY, "dashboard", *self.connection, *self.flags], cwd=self.folder, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        expect(line.startswith("dashboard: "), f"the dashboard did not start: {line}{self.process.stderr.read() if not line else ''}")
        self.link = line.removeprefix("dashboard: ").strip()
        self.url = self.link.split("/sign-in")[0]
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        expect(self.process.wait(timeout=30) == 0, f"Ctrl-C ended it with {self.process.returncode}")

    def slipway(self, *arguments):
        done = subprocess.run([SLIPWAY, *arguments, *self.connection], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=120)
        expect(done.returncode == 0, f"slipway {arguments[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout


def populate(fleet, commits):
    for number in range(200):
        name = f"support-agent-{number:03}"
        last = 2 + number % 3
        if name == BAD:
            fleet.add(name, commits, hours=30)
        elif number in (12, 80):
            fleet.add(name, commits[:3], status="BUILD_FAILED", hours=5)
        elif number == 40:
            fleet.add(name, commits[:4], status="BUILDING", hours=1)
        else:
            fleet.add(name, commits[:last], kind="dev" if number % 4 == 0 else "prod", hours=20 + number)


@contextlib.contextmanager
def browsing():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def watched(page):
    """Fails for what the browser refuses or complains of."""
    page.complaints = []
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


def roll_back_by_keyboard(page, dashboard, fleet, good):
    keys = page.keyboard
    page.goto(dashboard.link)
    page.wait_for_url(dashboard.url + "/")
    actions = ["search for the deployment"]
    keys.press("/")
    keys.type(BAD)
    keys.press("Enter")
    page.wait_for_url(re.compile(r"\?q="))
    actions.append("open its rollback")
    tab_to(page, f"Roll back {BAD}")
    keys.press("Enter")
    page.wait_for_url(re.compile("/rollback$"))
    actions.append("enter reason and name")
    expect(page.evaluate("document.activeElement.id") == "reason", "the reason does not have the focus")
    keys.type(REASON)
    keys.press("Tab")
    keys.type(BAD)
    actions.append("confirm")
    keys.press("Enter")
    page.wait_for_url(re.compile("/rollbacks/"))
    running = page.url
    page.wait_for_selector(".verdict.success", timeout=60_000)
    expect(len(actions) <= 4, f"it took {len(actions)} actions: {actions}")
    expect(fleet.live_commit(BAD) == good, f"commit {fleet.live_commit(BAD)} is live instead of {good}")
    expect(REASON in dashboard.slipway("history", BAD), "the reason is not in slipway history")
    return running


def tab_to(page, name):
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.textContent") == name:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
            expect(outline != "0px", f"the focus on {name} cannot be seen")
            return
    expect(False, f"the keyboard does not reach '{name}'")


def judge(browser, dashboard, cookies, paths, pictures):
    """axe and the width of every page, in light and dark."""
    for scheme in ["light", "dark"]:
        context = browser.new_context(color_scheme=scheme)
        context.add_cookies(cookies)
        for name, path in paths.items():
            for width in WIDTHS:
                page = watched(context.new_page())
                page.set_viewport_size({"width": width, "height": 900})
                # Pages that are kept up to date never stop loading.
                page.goto(dashboard.url + path, wait_until="load")
                if pictures:
                    page.screenshot(path=os.path.join(pictures, f"{name}-{width}-{scheme}.png"))
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    problems.append(f"{name} is {wide} px wide on a screen of {width} px")
                # The long list takes its time.
                if width == 1400 or (width == 360 and name != "overview"):
                    check_axe(page, f"{name}, {scheme}, {width} px")
                if name != "missing":
                    problems.extend(f"{name}: {complaint}" for complaint in page.complaints)
                page.close()
        context.close()


def check_axe(page, name):
    for one in Axe().run(page).response["violations"]:
        if one["impact"] in ("serious", "critical"):
            problems.append(f"axe on {name}: {one['id']}: {one['nodes'][0]['html'][:200]}")


def read_without_scripts(browser, dashboard, cookies, progress):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(dashboard.url)
    expect(page.locator("tbody tr").count() == 200, "the list is not complete without scripts")
    page.fill("#q", BAD)
    page.click("form.search button")
    expect(page.locator("tbody tr").count() == 1, "the search needs scripts")
    page.click(f"a:text-is('{BAD}')")
    expect(page.locator(f"text={REASON}").count() > 0, "the reason is not on the page of the deployment")
    page.goto(progress)
    expect(page.locator(".verdict.success").count() == 1, "the verdict needs scripts")
    context.close()


def check_updates(page, dashboard, fleet):
    """The page of a deployment shows a new revision by itself, once the page is open."""
    page.goto(dashboard.url + f"/deployments/{BAD}")
    deployment = fleet.named(BAD)
    # Longer than the time between two looks at a page on which nothing happens.
    fleet.rollout = [("BUILDING", 15)]
    fleet.redeploy(deployment, fleet.revisions[deployment["id"]][0])
    page.wait_for_selector("[data-live=now] .state.running", timeout=20_000)
    page.wait_for_selector("[data-live=now] .state:is(.success, .back)", timeout=20_000)


def main():
    expect(chromium(), "there is no Chromium")
    pictures = os.environ.get("SLIPWAY_SCREENSHOTS")
    if pictures:
        os.makedirs(pictures, exist_ok=True)
    state = tempfile.mkdtemp(prefix="slipway-dashboard-")
    try:
        with Repository(example("agent")) as repository, Fleet() as fleet:
            commits = [repository.commit(subject) for subject in SUBJECTS]
            populate(fleet, commits)
            with Dashboard(fleet, repository.path, state) as dashboard, browsing() as browser:
                context = browser.new_context()
                page = watched(context.new_page())
                started = time.monotonic()
                progress = roll_back_by_keyboard(page, dashboard, fleet, commits[-2])
                print(f"rolled back by keyboard in 4 actions, {time.monotonic() - started:.1f} s")
                check_updates(page, dashboard, fleet)
                expect(not page.complaints, f"{page.complaints}")
                run = page.goto(dashboard.url + "/runs") and page.locator("main a[href^='/runs/']").first.get_attribute("href")
                paths = {
                    "overview": "/", "search": "/?q=137", "deployment": f"/deployments/{BAD}",
                    "failed": "/deployments/support-agent-012", "rollback": "/deployments/support-agent-005/rollback",
                    "progress": progress.removeprefix(dashboard.url), "runs": "/runs", "run": run, "missing": "/missing",
                }
                judge(browser, dashboard, context.cookies(), paths, pictures)
                read_without_scripts(browser, dashboard, context.cookies(), progress)
                signed_out = browser.new_page()
                signed_out.goto(dashboard.url)
                expect(signed_out.title().startswith("Signed out"), "a browser without a session sees more")
                expect(BAD not in signed_out.content(), "a browser without a session sees a name")
                check_axe(signed_out, "signed out")
        expect(not problems, "\n  ".join(["problems:", *problems]))
        print(f"{len(paths) + 1} pages without a serious problem, light and dark, at {WIDTHS} px")
    finally:
        shutil.rmtree(state, ignore_errors=True)


main()
