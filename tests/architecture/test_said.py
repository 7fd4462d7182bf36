"""Every act says what it did and what comes next: no view answers a POST with a mere redirect."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

LEADS_ON = {"redirect", "see_other"}
SAYS = {"done", "flash"}
JOB = '"jobs.shown"'
"""The page of a long task says itself what is being done and what comes of it."""
SPEAKS_FOR_ITSELF = {
    "accounts.sign_in": "the desk greets by name",
    "accounts.language": "the page speaks the language that was chosen",
}


def test_every_act_says_what_it_did(app):
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    silent = {name for name in posts if is_silent(inspect.unwrap(app.view_functions[name]))}
    assert silent == set(SPEAKS_FOR_ITSELF)


def is_silent(view: Callable) -> bool:
    """Whether it leads on somewhere and says nothing, itself or in what it calls near by."""
    called = list(_calls(view, set()))
    leads = [one for one in called if _name(one) in LEADS_ON and JOB not in _text(one)]
    return bool(leads) and not any(_name(one) in SAYS for one in called)


def _calls(view: Callable, seen: set) -> Iterator[ast.Call]:
    seen.add(view)
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(view)))):
        if isinstance(node, ast.Call):
            yield node
            near = _near(view, node)
            if near is not None and near not in seen:
                yield from _calls(near, seen)


def _near(view: Callable, call: ast.Call) -> FunctionType | None:
    """The function of the views, or of what they share, that is called."""
    known = view.__globals__
    target = call.func
    if isinstance(target, ast.Name):
        found = known.get(target.id)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        module = known.get(target.value.id)
        found = getattr(module, target.attr, None) if isinstance(module, ModuleType) else None
    else:
        return None
    is_ours = inspect.isfunction(found) and found.__module__.endswith(("views", "flow", "writing"))
    return found if is_ours else None


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _text(call: ast.Call) -> str:
    return ast.unparse(call).replace("'", '"')
