import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aaroc_bot.core.message import File, Message
from aaroc_bot.core.redaction import MARK, Redactor, is_secret_name, secret_values

KEY = (
    "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\nAAAA\n-----END OPENSSH PRIVATE KEY-----"
)


SECRET = """
mysql_pass ansible_become_pass apel_db_password dbPassword DB_PASSWORD API_KEY apiKey
private_key passwd pwd bind_pw bindpw rootpw github_token tokens client_secret secrets
credentials snmp_community rocommunity munge_key Authorization Cookie X-Vault-Token
vault_db password_hash secret_id access_key_id passphrase pass
passw db_passw dbpassw db_pswd kennwort DBKennwort bearer proxy_bearer jwt jwt_signing otp_seed
totp_seed hmac hmac_value snmp_ro snmpRW snmp_ro_1 snmpro pin sim_pin pin_code salt password_salt
psk wpapsk dbpwd
"""
HARMLESS = """
pass_through passthrough bypass token_ttl password_policy public_key gpg_key key keys = ٣
bdii_port site_name password_file private_key_path PasswordAuthentication compass
mpi_host_based_auth site_security_email author keyboard
pinned spinning pin_priority basalt salty salt_master salt_minion hmac-sha2-256 hmac_algorithm
snmp_router snmp_root snmp_port jwt_issuer forbearers compass_width bypass_wan
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_these_names_mean_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", [*HARMLESS.split(), ""])
def test_these_names_do_not(name: str) -> None:
    assert not is_secret_name(name)


def test_secret_values_are_found_wherever_they_are_nested() -> None:
    variables = {
        "site_name": "ZA-UJ",
        "mysql_pass": "hunter22",
        "dbs": [{"user": "apel", "password": "correct horse"}, {"pass": 123456789}],
        "credentials": {"user": "someone", "port": 33060, "value": ["alpha-1", "beta-2"]},
        "url": "postgresql://bdii:s3cr3t@db/x",
        "admin_password": "{{ vault_admin_password }}",
        "munge_key": "/etc/munge/munge.key",
        "no_password": True,
        "short_pass": "abc",
        "pin_pass": 2170,
        "snmp_community": "public",
    }
    assert secret_values(variables) == {
        "hunter22", "correct horse", "123456789", "alpha-1", "beta-2", "s3cr3t",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("password: two words", "password: •••"),
        ("- db: {user: a, pass: b, c: d}", "- db: {user: a, pass: •••, c: d}"),
        ('{"token": "ab\\"c", "x": 1}', '{"token": "•••", "x": 1}'),
        ('"{\\"token\\": \\"ab\\\\\\"c\\", \\"x\\": 1}"', '"{\\"token\\": \\"•••\\", \\"x\\": 1}"'),
        ("{'db_pass': 'x y', 'port': 1}", "{'db_pass': '•••', 'port': 1}"),
        ("bdii1 ansible_become_pass=x ansible_user=a", "bdii1 ansible_become_pass=••• ansible_user=a"),
        ("-db_pass = old one\n+db_pass = new", "-db_pass = •••\n+db_pass = •••"),
        ("$pw => 'x', $port => 1", "$pw => '•••', $port => 1"),
        ("mysql --password hunter --user a", "mysql --password ••• --user a"),
        ("mysql --password=hunter --user a", "mysql --password=••• --user a"),
        ("export DB_PASS=abc def", "export DB_PASS=•••"),
        ("passwords:\n- one\n- two\nport: 1", "passwords:\n•••\nport: 1"),
        ("a:\n  credentials: # mine\n    user: x\n    v: y\n  b: 1", "a:\n  credentials: # mine\n•••\n  b: 1"),
        ("password:\nport: 1", "password:\nport: 1"),
        ("- pass:\n- pass: x", "- pass:\n- pass: •••"),
        ("pass = 'a' and 'b'", "pass = •••"),
        ("{pass: 'it''s', b: 1}", "{pass: '•••', b: 1}"),
        ("{pass: '', b: 1}", "{pass: '', b: 1}"),
        ("bindpw hunter\nrocommunity x", "bindpw •••\nrocommunity •••"),
        ("a:\n  pass: |\n    one\n\n    two\n  port: 1", "a:\n  pass: |\n•••\n  port: 1"),
        ("+pass: >-\n+  one\n+port: 1", "+pass: >-\n•••\n+port: 1"),
        ('"credentials": {"a": ["b}", "c"]}, "z": 1', '"credentials": •••, "z": 1'),
        ("curl -H 'Authorization: Bearer abc' x", "curl -H 'Authorization: •••"),
        ("https://u:p@h/x", "https://•••@h/x"),
        ("https://abcdef@h/x", "https://•••@h/x"),
        ("got bearer abcdefghijklmnop.qrst", "got bearer •••"),
        (f"a\n{KEY}\nb", "a\n•••\nb"),
        (json.dumps(KEY), '"•••"'),
        ("+" + KEY.replace("\n", "\n+"), "+•••"),
        ("x: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3331323334\n  61626364\ny: 1", "x: !vault |\n  •••\ny: 1"),
        ("ghp_" + "a1" * 18, "•••"),
        ("github_pat_" + "a1_" * 12, "•••"),
        ("xoxb-1234-5678-abc and xapp-1-A012-34-abc", "••• and •••"),
        ("bot123456789:" + "Aa-_" * 9, "bot123456789:•••"),
        ("AKIAIOSFODNN7EXAMPLE", "•••"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "•••"),
    ],
)  # fmt: skip
def test_what_looks_like_a_secret_is_taken_out(before: str, after: str) -> None:
    assert Redactor().text(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("set ZA-UJ db_password=Sup3rS3cret because it is Sup3rS3cret", "set ZA-UJ db_password=••• because it is •••"),
        ("db: 'Sup3r1', set pass=Sup3r1, as Sup3r1.", "db: '•••', set pass=••• as •••."),
        ('set X pass="two words" because (two words)', 'set X pass="•••" because (•••)'),
        ("set X pass=Sup3r! because:Sup3r", "set X pass=••• because:•••"),
        ("set X pass=ab because abandoned", "set X pass=••• because abandoned"),
        ("set X pass=true because it is true", "set X pass=true because it is true"),
        ("set X pass=root because root asks", "set X pass=••• because root asks"),
        ("set X pass=2170 because bdii_port is 2170", "set X pass=••• because bdii_port is 2170"),
        ("set X pass=21702170 because 21702170", "set X pass=••• because •••"),
    ],
)  # fmt: skip
def test_a_value_that_was_named_goes_wherever_it_stands(before: str, after: str) -> None:
    assert Redactor().text(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "deploy site-bdii at ZA-UJ port=2171",
        "Permission denied (publickey,password).",
        "Token expired",
        "JWT expired",
        "Bearer missing",
        "MACs hmac-sha2-256,hmac-sha1",
        "git clone ssh://git@github.com/AAROC/DevOps.git",
        "http://127.0.0.1:8080/@x",
        "PasswordAuthentication no",
        "no_password: true",
        "token_ttl: 90\npass_through: x",
        "Run 12 · deploy site-bdii at ZA-UJ · waiting for an expert, 3 items on 1 host",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "",
    ],
)
def test_a_text_without_a_secret_stays_byte_for_byte(text: str) -> None:
    assert Redactor({"hunter22"}).text(text) == text


def test_known_values_go_in_every_form_they_are_written_in() -> None:
    value = 'it\'s "q" \\ & ü'
    redactor = Redactor({value})
    shell = value.replace("'", "'\"'\"'")
    for form in (value, json.dumps(value)[1:-1], repr(value)[1:-1], quote(value, safe=""), shell):
        assert redactor.text(f"<{form}>") == f"<{MARK}>"


def test_overlapping_values_leave_no_part() -> None:
    assert Redactor({"abcdef", "defghi", "abcd"}).text("xabcdefghix") == f"x{MARK}x"


def test_values_at_the_edges_of_a_long_text_are_found() -> None:
    redactor = Redactor({"hunter22", "hunter22-and-more"})
    for before in range(65_518, 65_540):
        text = redactor.text("x" * before + "hunter22-and-more" + "x" * 70_000)
        assert text == "x" * before + MARK + "x" * 70_000


def test_each_line_of_a_long_value_is_known() -> None:
    assert Redactor({"first-line-1\nsecond-line"}).text("+ second-line") == f"+ {MARK}"


def test_every_part_of_a_message_can_pass_through() -> None:
    message = Message("a hunter22", code="hunter22", file=File("x", "hunter22"))
    assert "hunter22" not in str(message.map(Redactor({"hunter22"}).text))


pieces = st.sampled_from(
    ["pass", "word", ": ", "=", '"', "'", "\\", "{", "}", "\n", " ", "•", "-", "|", "@", "://",
     "-----BEGIN PRIVATE KEY-----", "-----", "$ANSIBLE_VAULT;", "ab", "hunter22", "en", "com"]
)  # fmt: skip
texts = st.one_of(st.text(max_size=80), st.lists(pieces, max_size=25).map("".join))
values = st.sets(
    st.one_of(st.text(min_size=1, max_size=8), st.sampled_from(["encom", "ab", "a•b"]))
)


@given(texts, values, st.data())
def test_no_known_value_passes_and_twice_is_once(
    text: str, known: set[str], data: st.DataObject
) -> None:
    real = sorted(value for value in known if value.strip(" \t\r\n•"))
    if real:
        text += data.draw(st.sampled_from(real)) + data.draw(texts)
    redactor = Redactor(known)
    redacted = redactor.text(text)
    assert [value for value in real if value in redacted] == []
    assert redactor.text(redacted) == redacted


def test_time_is_short_for_many_values_that_are_repeated() -> None:
    text = " ".join(f"pass=value{n}" for n in range(2_500))
    began = time.process_time()
    redacted = Redactor().text(text + " value7 value7" * 100)
    assert time.process_time() - began < 1
    assert "value7 " not in redacted


@pytest.mark.parametrize(
    "piece",
    ["a", " ", "-", "\\", '"', "password=", "password='", 'password="\\" ', "token: [", "://", "://a:",
     "eyJ", "-----BEGIN PRIVATE KEY-----", "$ANSIBLE_VAULT;1", "ok: [bdii1] => item=x port: 2170\n",
     "pass: |\n  x\n", "bindpw x", "1234567:", "tokens:\n a\n", "pass: ''a", "pass: x''", "--password ", 'p_token=\\"a\n', "abcdefg", ", "],
)  # fmt: skip
def test_time_grows_with_the_text_only(piece: str) -> None:
    redactor = Redactor({f"value-{n}-{n * 7919}" for n in range(300)} | {"abcdefgh"})
    text = piece * (300_000 // len(piece))
    began = time.process_time()
    redactor.text(text)
    assert (
        time.process_time() - began < 3
    )  # 5 MB then take seconds; anything quadratic takes minutes
