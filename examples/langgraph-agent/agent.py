"""A LangGraph agent of one node in plain Python: it needs no model and no key."""

from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class State(TypedDict, total=False):
    text: str
    answer: str


def reply(state: State) -> State:
    return {"answer": f"You said: {state.get('text', 'nothing')}"}


graph = (
    StateGraph(State)
    .add_node("reply", reply)
    .add_edge(START, "reply")
    .add_edge("reply", END)
    .compile(name="agent")
)
