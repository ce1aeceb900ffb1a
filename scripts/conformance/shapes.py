"""Trees of agents in the shapes that public repositories have, smallest first.

Each is a dictionary of files, with what to ask the agent. They need nothing but packages of requirements.txt, so that
`langgraph dev` of that environment starts them as they are.
"""

import json
from dataclasses import dataclass, field

STATE = """
from typing import TypedDict

class State(TypedDict, total=False):
    text: str
    answer: str
"""

GRAPH = """
from langgraph.graph import END, START, StateGraph
{imports}

def reply(state: State) -> State:
    return {{"answer": {answer}}}

builder = StateGraph(State)
builder.add_node("reply", reply)
builder.add_edge(START, "reply")
builder.add_edge("reply", END)
graph = builder.compile()
"""


@dataclass
class Shape:
    files: dict
    config: str = "langgraph.json"
    prefix: str = ""
    headers: dict = field(default_factory=dict)
    graph: str = "agent"
    answer: str = "said: hello"
    # Other paths that have to answer 200.
    paths: tuple = ()


def graph(imports="", answer='"said: " + state["text"]'):
    """A graph in one file, or with its state elsewhere."""
    state = "" if "State" in imports else STATE
    return state + GRAPH.format(imports=imports, answer=answer)


def config(**keys):
    keys = {"dependencies": ["."], "graphs": {"agent": "./agent.py:graph"}, **keys}
    return json.dumps({key: value for key, value in keys.items() if value is not None}, indent=2)


def project(backend="", extra="", name="shape-agent"):
    system = f"[build-system]\n{backend}\n" if backend else ""
    return f"""
[project]
name = "{name}"
version = "0.1.0"
description = "An agent"
requires-python = ">=3.10"
dependencies = ["langgraph>=0.2"]
{system}{extra}
"""


def source_layout(backend, extra=""):
    """A package below src that imports itself by its name."""
    return Shape({
        "langgraph.json": config(graphs={"agent": "./src/shape_agent/graph.py:graph"}),
        "pyproject.toml": project(backend, extra),
        "README.md": "An agent\n",
        "src/shape_agent/__init__.py": '"""An agent"""\n__version__ = "0.1.0"\n',
        "src/shape_agent/state.py": STATE,
        "src/shape_agent/graph.py": graph("from shape_agent.state import State"),
    })


def plain(files=None, **keys):
    return {"langgraph.json": config(**keys), "requirements.txt": "langgraph\n", "agent.py": graph(), **(files or {})}


AUTH = """
from langgraph_sdk import Auth

auth = Auth()

@auth.authenticate
async def authenticate(headers: dict) -> str:
    if headers.get(b"x-token") != b"open":
        raise Auth.exceptions.HTTPException(status_code=401, detail="strangers are refused")
    return "somebody"
"""

APPLICATION = """
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

@asynccontextmanager
async def lifespan(app):
    app.state.greeting = "hello"
    yield

async def hello(request):
    return JSONResponse({"greeting": request.app.state.greeting})

app = Starlette(routes=[Route("/hello", hello)], lifespan=lifespan)
"""

FACTORY = graph().replace("graph = builder", "built = builder") + """
def make_graph(config):
    return built
"""

CONTEXT_FACTORY = graph().replace("graph = builder", "built = builder") + """
from contextlib import asynccontextmanager

@asynccontextmanager
async def make_graph(config):
    yield built
"""

EMBED = """
async def embed(texts: list[str]) -> list[list[float]]:
    return [[float(len(text)), 1.0] for text in texts]
"""

SETUP = """
from setuptools import find_packages, setup

setup(name="shape-agent", version="0.1.0", packages=find_packages(), install_requires=["langgraph"])
"""

VARIABLE = graph("import os", 'os.environ["SHAPE_WORD"] + ": " + state["text"]')


def shapes(python):
    """By name; `python` is the version of this interpreter, such as 3.11."""
    package = {
        "langgraph.json": config(dependencies=["./my_agent"], graphs={"agent": "./my_agent/agent.py:graph"}),
        "my_agent/__init__.py": "", "my_agent/requirements.txt": "langgraph\n",
        "my_agent/utils/__init__.py": "", "my_agent/utils/state.py": STATE,
        "my_agent/agent.py": graph("from my_agent.utils.state import State"),
    }
    monorepo = {
        "langgraph.json": config(
            dependencies=["./projects/one", "./projects/two"], env="./.env",
            graphs={"agent": "./projects/one/one_agent/main.py:graph",
                    "other": "./projects/two/two_agent/main.py:graph"}),
        "projects/one/pyproject.toml": project(
            'requires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"',
            '[tool.setuptools.packages.find]\ninclude = ["one_agent*"]', "one-agent"),
        "projects/one/one_agent/__init__.py": "", "projects/one/one_agent/state.py": STATE,
        "projects/one/one_agent/main.py": graph("from one_agent.state import State"),
        "projects/two/requirements.txt": "langgraph\npyyaml\n",
        "projects/two/two_agent/main.py": "import yaml\n" + graph(),
    }
    libraries = {
        "langgraph.json": config(dependencies=["./libs/common", "."]), "requirements.txt": "langgraph\n",
        "libs/common/pyproject.toml": project(
            'requires = ["hatchling"]\nbuild-backend = "hatchling.build"', "", "common"),
        "libs/common/common/__init__.py": STATE, "agent.py": graph("from common import State"),
    }
    return {
        "requirements": Shape(plain()),
        "requirements-package": Shape(package),
        "setuptools": source_layout('requires = ["setuptools>=61", "wheel"]\nbuild-backend = "setuptools.build_meta"'),
        "hatch": source_layout('requires = ["hatchling"]\nbuild-backend = "hatchling.build"'),
        "flit": source_layout('requires = ["flit_core>=3.4"]\nbuild-backend = "flit_core.buildapi"'),
        "uv-build": source_layout('requires = ["uv_build>=0.7"]\nbuild-backend = "uv_build"'),
        "poetry": source_layout(
            'requires = ["poetry-core>=2"]\nbuild-backend = "poetry.core.masonry.api"',
            '[tool.poetry]\npackages = [{ include = "shape_agent", from = "src" }]'),
        "no-build-system": source_layout(""),
        "setup.py": Shape({
            "langgraph.json": config(graphs={"agent": "./shape_agent/graph.py:graph"}), "setup.py": SETUP,
            "shape_agent/__init__.py": "", "shape_agent/state.py": STATE,
            "shape_agent/graph.py": graph("from shape_agent.state import State")}),
        "monorepo": Shape(monorepo),
        "libraries": Shape(libraries),
        "subfolder": Shape(
            {f"backend/{name}": text for name, text in plain().items()}, config="backend/langgraph.json"),
        "bare-folder": Shape({
            "langgraph.json": config(dependencies=["./src", "langgraph"], graphs={"agent": "./src/agent.py:graph"}),
            "src/state_of_shape.py": STATE, "src/agent.py": graph("from state_of_shape import State")}),
        "module": Shape({
            "langgraph.json": config(graphs={"agent": "shape_agent.graph:graph"}), "requirements.txt": "langgraph\n",
            "shape_agent/__init__.py": "", "shape_agent/graph.py": graph()}),
        "described-graph": Shape(plain(
            graphs={"agent one": {"path": "./agent.py:graph", "description": "It answers"}}), graph="agent one"),
        "factory": Shape(plain({"agent.py": FACTORY}, graphs={"agent": "./agent.py:make_graph"})),
        "context-factory": Shape(plain({"agent.py": CONTEXT_FACTORY}, graphs={"agent": "./agent.py:make_graph"})),
        "uncompiled": Shape(plain(graphs={"agent": "./agent.py:builder"})),
        "auth": Shape(plain({"auth.py": AUTH}, auth={"path": "./auth.py:auth"}), headers={"X-Token": "open"}),
        "http-app": Shape(plain({"app.py": APPLICATION}, http={"app": "./app.py:app"}), paths=("/hello",)),
        "mount-prefix": Shape(plain(http={"mount_prefix": "/my/api"}), prefix="/my/api"),
        "no-meta": Shape(plain(http={"disable_meta": True})),
        "cors": Shape(plain(http={"cors": {"allow_origins": ["*"]}, "disable_mcp": True})),
        "store": Shape(plain({"embed.py": EMBED}, store={"index": {"embed": "./embed.py:embed", "dims": 2}})),
        "env-file": Shape(
            plain({"agent.py": VARIABLE, ".env": 'SHAPE_WORD="file"\n'}, env=".env"), answer="file: hello"),
        "env-missing": Shape(plain(env=".env")),
        "env-object": Shape(plain({"agent.py": VARIABLE}, env={"SHAPE_WORD": "object"}), answer="object: hello"),
        "python-version": Shape(plain(python_version=python)),
        "image-keys": Shape(plain(
            python_version=python, dockerfile_lines=["RUN true"], image_distro="wolfi", base_image="x/y",
            pip_installer="auto", keep_pkg_tools=True, **{"$schema": "https://langgra.ph/schema.json"})),
    }
