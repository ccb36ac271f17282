"""What a page shows when there is nothing to show: empty and error states that help.

Belongs here: failures that a visitor can do something about, in words. Does not: notices about figures (`views`).
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.exc import DatabaseError

from pipelines.portfolio.errors import EngineError
from warehouse.errors import NoPublicationError, WarehouseError
from warehouse.ledger import LedgerError


@contextmanager
def guarded() -> Iterator[None]:
    """Turn known failures into a sentence and what to do about it."""
    try:
        yield
    except NoPublicationError:
        st.info("Nothing is published yet. Run `folio refresh`, then reload this page.", icon=":material/info:")
        st.stop()
    except EngineError as error:
        st.error(f"The ledger cannot be computed: {error}", icon=":material/error:")
        st.stop()
    except (WarehouseError, LedgerError) as error:
        st.error(f"{error}. `folio status` says more.", icon=":material/error:")
        st.stop()
    except DatabaseError as error:
        st.error(f"The ledger cannot be read: {error.orig}. `folio status` says more.", icon=":material/error:")
        st.stop()
