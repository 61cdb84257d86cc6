"""Where the self-hosted containers are: entered by a single user, told to everybody, and tried."""

from __future__ import annotations

import streamlit as st

from components.answerer import entered_addresses, set_address
from components.answerer_key import connection_notice, key_field, key_in_use
from components.sampling_panel import MODEL_NAMES
from components.session import show
from components.support_marks import fault_line
from components.words import as_text
from synthome.errors import AddressError
from synthome.query.vocabulary import MODEL_RULES
from synthome.runs.addresses import checked_address, container_addresses
from synthome.runs.connections import Connection, check_container
from synthome.settings import settings

__all__ = ["addresses_panel"]

_FAULTS, _CHECKED = "address_faults", "connections_checked"


def addresses_panel() -> None:
    """A field for each model's address where a single user may enter one; and whether the containers answer."""
    if settings().single_user:
        for model_id in MODEL_RULES:
            _address_field(model_id)
        with st.expander("Key of the container", icon=":material/key:"):
            _container_key()
    else:
        st.caption("Addresses of containers are set by whoever runs this installation.")
    containers = container_addresses(entered_addresses())
    if containers and st.button("Check the connection", key="check_connection", icon=":material/lan:"):
        key = key_in_use("self-hosted")
        with st.spinner("Asking the container …"):
            st.session_state[_CHECKED] = {
                address: check_container(address, key.value if key is not None else None)
                for address in dict.fromkeys(containers.values())
            }
    checked: dict[str, Connection] = st.session_state.get(_CHECKED, {})
    for address, connection in checked.items():
        if address in containers.values():
            st.caption(as_text(address))
            connection_notice(connection)


def _address_field(model_id: str) -> None:
    field = f"address:{model_id}"
    faults: dict[str, tuple[str, str]] = st.session_state.setdefault(_FAULTS, {})
    typed, fault = faults.get(model_id, (entered_addresses().get(model_id, ""), ""))

    def report() -> None:
        text = st.session_state[field].strip()
        faults.pop(model_id, None)
        st.session_state.pop(_CHECKED, None)
        try:
            set_address(model_id, checked_address(text) if text else "")
        except AddressError as error:
            faults[model_id] = (text, str(error))

    show(field, typed)
    st.text_input(
        f"Container for {MODEL_NAMES[model_id].lower()}",
        key=field,
        on_change=report,
        icon=":material/dns:",
        placeholder=container_addresses().get(model_id) or "http://localhost:8000",
        help=f"Where {model_id} and the models beside it are served. Leave it empty where there is no container.",
    )
    if fault:
        fault_line(fault)


def _container_key() -> None:
    st.caption("Most containers want none. One that is given here is sent to the containers, and nowhere else.")
    if key_in_use("self-hosted") is None:
        key_field("self-hosted", "container_key_field", "Key of the container")
        return
    st.markdown(":green[:material/key:] A key for the container is in use, for this session alone.")
    st.button(
        "Forget this key",
        key="forget_container_key",
        icon=":material/delete:",
        on_click=lambda: st.session_state.pop("container_key", None),
    )
