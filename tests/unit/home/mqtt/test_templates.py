from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steward.home.mqtt import templates


@pytest.mark.parametrize(
    ("template", "payload", "text"),
    [
        (None, "ON", "ON"),
        ("{{ value }}", "ON", "ON"),
        ("{{ value_json.a.b[0] }}", '{"a": {"b": [7]}}', "7"),
        ("{{ value_json.missing }}", "{}", ""),
        ("{{ value_json.x | round(1) }}", '{"x": 21.449}', "21.4"),
        ("{{ value | float * 2 }}", "1.5", "3.0"),
        ("{{ 'ON' if value_json.x > 3 else 'OFF' }}", '{"x": 4}', "ON"),
        ("{{ value_json.x | default('None') }}", "{}", "None"),
        ("{% set m = {'a': 'b'} %}{{ m[value] }}", "a", "b"),
        ("{{ value.split(',')[0:2] | join('-') }}", "1,2,3", "1-2"),
        ("{{ value | replace('a', 'b') }}", "aa", "bb"),
        ("{{ value | int(base=16) }}", "ff", "255"),
        ("{{ value_json.contact }}", '{"contact": true}', "True"),
    ],
)
def test_what_devices_use(template: str | None, payload: str, text: str) -> None:
    assert templates.value(template, payload) == text


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ value.format('x') }}",
        "{{ value.ljust(1000000000) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 999999999 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ value | center(1000000000) }}",
        "{{ range(1000000000) | list }}",
        "{% for i in [1] %}x{% endfor %}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% include 'x' %}",
        "{{ cycler }}{{ lipsum(1000) }}",
        "{{ value.replace('x', 'xxxxxxxxxxxxxxxxxxxxxxxx').replace('x', value * 99) }}",
        "{% set a = value|replace('x', value) %}{% set b = a|replace('x', a) %}{{ b }}",
        "{{ value_json.x.y.z }}",
        "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
        "x" * 5000,
    ],
)
def test_what_a_template_may_not_do(template: str) -> None:
    with pytest.raises(ValueError, match="fails"):
        templates.value(template, "x" * 5000)


@given(
    st.text(alphabet="{}%|()[]'\".,*+-~ abvxule_json0123456789", max_size=60), st.text(max_size=20)
)
def test_any_template_gives_a_text_or_a_value_error(template: str, payload: str) -> None:
    try:
        assert len(templates.value(template, payload)) <= templates.MAX_TEXT
    except ValueError:
        return
