"""The mistakes in the networks of the lab `gan`, in how their weights begin, and in sampling."""

from __future__ import annotations

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function, indented

UP = ("latent_dim, 8 * width, 4", "8 * width, 4 * width, 4, 2, 1", "4 * width, 2 * width, 4, 2, 1", "2 * width, width, 4, 2, 1", "width, 3, 4, 2, 1")  # fmt: skip
DOWN = ("3, width, 4, 2, 1", "width, 2 * width, 4, 2, 1", "2 * width, 4 * width, 4, 2, 1", "4 * width, 8 * width, 4, 2, 1", "8 * width, 1, 4")  # fmt: skip
Z, X = "return self.net(z[:, :, None, None])", "return self.net(x).flatten()"


def _network(
    signature: str, given: str, layers: list[str], forward: tuple[str, ...], *, first: str = ""
) -> str:
    """The source of a network whose layers are in one nn.Sequential."""
    name, _, arguments = signature.partition("(")
    begin = ["super().__init__()", *([first] if first else []), *(["self.latent_dim = latent_dim"] if "latent_dim" in arguments else [])]  # fmt: skip
    body = [*begin, "self.net = nn.Sequential(", *(f"    {layer}," for layer in layers), ")"]
    return f"class {name}(nn.Module):\n    def __init__(self, {arguments}:\n{indented(body, 8)}\n\n    def forward(self, {given}):\n{indented(forward, 8)}"


def _generator(*forward: str, last: str = "nn.Tanh()", norm: str = "nn.BatchNorm2d({})", first: str = "", changed: tuple[str, str] = ("", ""), wrap: str = "{}") -> str:  # fmt: skip
    """The usual generator, with another end, other norms, or one piece of text changed."""
    layers = []
    for i, sizes in enumerate(UP):
        layers.append(wrap.format(f"nn.ConvTranspose2d({sizes})"))
        if i < 4:
            layers.append(norm.format(sizes.split(", ")[1]) + ", nn.ReLU()")
    code = _network("Generator(latent_dim=100, width=64)", "z", [*layers, *([last] if last else [])], forward or (Z,), first=first)  # fmt: skip
    return code.replace(*changed) if changed[0] else code


def _discriminator(*forward: str, last: str = "", norm: str = "nn.BatchNorm2d({})", first: str = "", changed: tuple[str, str] = ("", ""), wrap: str = "{}") -> str:  # fmt: skip
    """The usual discriminator, with another end, other norms, or one piece of text changed."""
    layers = []
    for i, sizes in enumerate(DOWN):
        layers.append(wrap.format(f"nn.Conv2d({sizes})"))
        if i < 4:
            layers.append(
                (norm.format(sizes.split(", ")[1]) + ", " if i and norm else "") + "nn.LeakyReLU(0.2)"
            )
    code = _network("Discriminator(width=64)", "x", [*layers, *([last] if last else [])], forward or (X,), first=first)  # fmt: skip
    return code.replace(*changed) if changed[0] else code


_NO_STATISTICS = "nn.BatchNorm2d({}, track_running_stats=False)"
_WIDTH = "Print the number of parameters for width 16 and for width 64: which number in your layers stays the same?"
_RANGE = "Between which two values lie the paintings, and between which two can your last line go?"
GENERATOR: Entries = {
    "no-tanh-on-images": Known(_RANGE, {
        "": _generator(last=""),
        "spectral norm": _generator(last="", wrap="nn.utils.spectral_norm({})"),
        "relu": _generator(last="nn.ReLU()"),
        "bytes": _generator("return 127.5 * (self.net(z[:, :, None, None]) + 1)"),
        "batch norm at the end": _generator(last="nn.BatchNorm2d(3)"),
    }),
    "sigmoid-on-images": Known(_RANGE, {
        "": _generator(last="nn.Sigmoid()"),
        "moved to [0, 1]": _generator("return (self.net(z[:, :, None, None]) + 1) / 2"),
        "relu before tanh": _generator(last="nn.ReLU(), nn.Tanh()"),
    }),
    "tanh-twice": Known("What are the smallest and the largest value of your output, even with huge weights?", {"": _generator(last="nn.Tanh(), nn.Tanh()"), "in forward": _generator("return torch.tanh(self.net(z[:, :, None, None]))")}),
    "range-not-reached": Known("Can your generator paint pure white and pure black? What keeps it from that?", {"half": _generator("return 0.5 * self.net(z[:, :, None, None])")}),
    "grey-pictures": Known("Print the three channels of one picture beside each other: where does colour come from?", {
        "": _generator("return self.net(z[:, :, None, None]).expand(-1, 3, -1, -1)", changed=("width, 3, 4, 2, 1", "width, 1, 4, 2, 1")),
        "repeated": _generator("return self.net(z[:, :, None, None]).repeat(1, 3, 1, 1)", changed=("width, 3, 4, 2, 1", "width, 1, 4, 2, 1")),
    }),
    "noise-four-dimensional": Known("Which shape does the contract give to the noise, and which does your first layer want?", {"": _generator("return self.net(z)")}),
    "width-ignored": Known(_WIDTH, {"": _generator(first="width = 8")}),
    "width-not-taken": Known("Compare the arguments of `__init__` with the contract.", {"": _generator(changed=("latent_dim=100, width=64):\n        super().__init__()", "latent_dim=100):\n        super().__init__()\n        width = 8"))}),
    "upsampling-instead-of-transposed-convolution": Known("Which kind of layer does the contract name for making a picture larger?", {"": _network(
        "Generator(latent_dim=100, width=64)", "z", ["nn.Conv2d(latent_dim, 4 * width, 1)", "nn.Upsample(scale_factor=8), nn.Conv2d(4 * width, width, 3, padding=1), nn.ReLU()", "nn.Upsample(scale_factor=8), nn.Conv2d(width, 3, 3, padding=1), nn.Tanh()"], (Z,))}),
    "fully-connected": Known("Which kind of layer does the contract ask for, and which do you use?", {"": _network(
        "Generator(latent_dim=100, width=64)", "z", ["nn.Linear(latent_dim, 4 * width), nn.ReLU()", "nn.Linear(4 * width, 3 * 64 * 64), nn.Tanh()"], ("return self.net(z).view(-1, 3, 64, 64)",))}),
    "input-ignored": {"half of the noise": _generator("return self.net(z[:, : z.shape[1] // 2, None, None])", changed=("latent_dim, 8 *", "latent_dim // 2, 8 *"))},
    "random-in-eval-mode": {
        "noise of its own": (_generator("z = torch.randn_like(z)", Z), "input-ignored"),
        "dropout": _generator("z = F.dropout(z, 0.5)", Z),
    },
    "graph-cut": {
        "output": _generator("return self.net(z[:, :, None, None]).detach()"),
        "inside": _generator("h = self.net[:2](z[:, :, None, None])", "return self.net[2:](h.detach())"),
        "no_grad": _generator("with torch.no_grad():", "    " + Z),
    },
    "rows-mixed": {
        "no running statistics": _generator(norm=_NO_STATISTICS),
        "reshape": _generator("x = self.net(z[:, :, None, None])", "return x.reshape(3, len(z), 64, 64).transpose(0, 1)"),
    },
    "reseeds-global-state": {"": _generator(first="torch.manual_seed(0)")},
    "input-modified": {"": _generator("z.div_(z.norm(dim=1, keepdim=True))", Z)},
    "layers-not-registered": {"": """
class Generator(nn.Module):
    def __init__(self, latent_dim=100, width=64):
        super().__init__()
        self.layers = [nn.ConvTranspose2d(latent_dim, 3, 64)]

    def forward(self, z):
        return torch.tanh(self.layers[0](z[:, :, None, None]))
"""},
}  # fmt: skip

_LOGITS = "Which values can your output take? A logit may be any number, of either sign."
DISCRIMINATOR: Entries = {
    "sigmoid-on-logits": Known(_LOGITS, {
        "": _discriminator(last="nn.Sigmoid()"),
        "twice": _discriminator(last="nn.Sigmoid(), nn.Sigmoid()"),
        "spectral norm": _discriminator(norm="", last="nn.Sigmoid()", wrap="nn.utils.spectral_norm({})"),
        "in forward": _discriminator("return torch.sigmoid(self.net(x)).flatten()"),
    }),
    "activation-on-logits": Known(_LOGITS, {
        "tanh": _discriminator(last="nn.Tanh()"),
        "relu": _discriminator(norm="", last="nn.ReLU()"),
        "softplus": _discriminator(last="nn.Softplus()"),
        "log of a sigmoid": _discriminator(last="nn.LogSigmoid()"),
        "elu": _discriminator(norm="", last="nn.ELU()"),
    }),
    "logits-not-flat": Known("Print the shape of the output for 5 images: how many axes should it have?", {"a column": _discriminator("return self.net(x).flatten(1)"), "four axes": _discriminator("return self.net(x)"), "and a sigmoid": (_discriminator("return self.net(x).flatten(1)", last="nn.Sigmoid()"), "sigmoid-on-logits")}),
    "squeeze-drops-batch": Known("Print the shape of the output for a single image.", {"": _discriminator("return self.net(x).squeeze()"), "and a sigmoid": (_discriminator("return self.net(x).squeeze()", last="nn.Sigmoid()"), "sigmoid-on-logits")}),
    "width-ignored": Known(_WIDTH, {"": _discriminator(first="width = 8")}),
    "width-not-taken": Known("Compare the arguments of `__init__` with the contract.", {"": _discriminator(changed=("width=64):\n        super().__init__()", "channels=3):\n        super().__init__()\n        width = 8"))}),
    "fully-connected": Known("Which kind of layer does the contract ask for, and which do you use?", {"": _network(
        "Discriminator(width=64)", "x", ["nn.Flatten()", "nn.Linear(3 * 64 * 64, 4 * width), nn.LeakyReLU(0.2)", "nn.Linear(4 * width, 1)"], (X,))}),
    "input-ignored": {
        "one channel only": _discriminator("return self.net(x[:, :1]).flatten()", changed=("nn.Conv2d(3,", "nn.Conv2d(1,")),
        "a corner only": _network("Discriminator(width=64)", "x", ["nn.Conv2d(3, width, 4, 4), nn.ReLU()", "nn.Conv2d(width, 1, 8)"], ("return self.net(x[:, :, :32, :32]).flatten()",)),
        "pictures detached": _discriminator("return self.net(x.detach()).flatten()"),
    },
    "graph-cut": {"no_grad": _discriminator("with torch.no_grad():", "    h = self.net[:2](x)", "return self.net[2:](h).flatten()")},
    "rows-mixed": {
        "no running statistics": _discriminator(norm=_NO_STATISTICS),
        "centred by the batch": _discriminator("y = self.net(x).flatten()", "return y - y.mean()"),
    },
    "random-in-eval-mode": {"noise": _discriminator("x = x + 0.5 * torch.randn_like(x)", X), "dropout": _discriminator("x = F.dropout(x, 0.3)", X)},
    "input-modified": {"": _discriminator("x += 0.1", X)},
    "reseeds-global-state": {"": _discriminator(first="torch.manual_seed(0)")},
    "layers-not-registered": {"": """
class Discriminator(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.layers = [nn.Conv2d(3, width, 4, 4), nn.LeakyReLU(0.2), nn.Conv2d(width, 1, 16)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x.flatten()
"""},
}  # fmt: skip

BOTH, NORMAL = "(nn.Conv2d, nn.ConvTranspose2d)", "nn.init.normal_(module.weight, 0, 0.02)"
NORM = ("nn.init.normal_(module.weight, 1, 0.02)", "nn.init.zeros_(module.bias)")


def _init(
    *weight: str, norm: tuple[str, ...] = NORM, kinds: str = BOTH, norms: str = "nn.BatchNorm2d"
) -> str:
    lines = [f"if isinstance(module, {kinds}):", *("    " + line for line in weight or (NORMAL,))]
    lines += [f"elif isinstance(module, {norms}):", *("    " + line for line in norm)]
    return function("init_weights(module)", *lines)


_HISTOGRAM = "Print mean and standard deviation of the weights of one convolution before and after."
INIT_WEIGHTS: Entries = {
    "weights-unchanged": Known("Print one weight before and after: did it change? Which operations change a tensor, and which make a new one?", {
        "nothing": function("init_weights(module)", "pass"),
        "a new tensor": _init("module.weight.data.clone().normal_(0, 0.02)", norm=("torch.normal(1.0, 0.02, module.weight.shape)",)),
    }),
    "transposed-convolutions-left-out": Known("List the kinds of layers in both networks: does your function know them all?", {"": _init(kinds="nn.Conv2d")}),
    "convolutions-left-out": Known("List the kinds of layers in both networks: does your function know them all?", {"transposed ones only": _init(kinds="nn.ConvTranspose2d"), "linear ones only": _init(kinds="nn.Linear")}),
    "batch-norm-left-out": Known("Print the weights of a batch norm before and after: are they still all equal?", {
        "": function("init_weights(module)", f"if isinstance(module, {BOTH}):", "    " + NORMAL),
        "all 1": _init(norm=("nn.init.ones_(module.weight)", NORM[1])),
    }),
    "batch-norm-mean-zero": Known("By what does a batch norm multiply its input, right after your function?", {
        "": _init(norm=("nn.init.normal_(module.weight, 0, 0.02)", NORM[1])),
        "all layers alike": function("init_weights(module)", "if hasattr(module, 'weight'):", "    " + NORMAL, "    if module.bias is not None:", "        nn.init.zeros_(module.bias)"),
    }),
    "batch-norm-bias": Known("Print the bias of a batch norm afterwards, and compare it with the contract.", {
        "drawn": _init(norm=(NORM[0], "nn.init.normal_(module.bias, 0, 0.02)")),
        "1": _init(norm=(NORM[0], "nn.init.ones_(module.bias)")),
        "left": _init(norm=NORM[:1]),
    }),
    "std-is-variance": Known(_HISTOGRAM, {"": _init("nn.init.normal_(module.weight, 0, 0.02 ** 0.5)")}),
    "variance-is-std": Known(_HISTOGRAM, {"": _init("nn.init.normal_(module.weight, 0, 0.02 ** 2)")}),
    "init-scale": Known(_HISTOGRAM, {
        "0.2": _init("nn.init.normal_(module.weight, 0, 0.2)"),
        "1": _init("nn.init.normal_(module.weight)"),
        "uniform": _init("nn.init.uniform_(module.weight, -0.02, 0.02)"),
        "xavier": _init("nn.init.xavier_normal_(module.weight)"),
        "kaiming": _init("nn.init.kaiming_normal_(module.weight)"),
    }),
    "init-mean": Known(_HISTOGRAM, {"": _init("nn.init.normal_(module.weight, 0.02, 0.02)")}),
    "init-not-normal": Known("Draw a histogram of the weights: mean and spread are right, but which shape has it?", {"": _init("nn.init.uniform_(module.weight, -0.02 * 3**0.5, 0.02 * 3**0.5)")}),
    "weights-constant": Known("How many different values does a kernel have afterwards? What could make two of them learn different things?", {"": _init("nn.init.constant_(module.weight, 0.02)"), "zero": _init("nn.init.zeros_(module.weight)")}),
    "bias-assumed": Known("Apply it to `nn.Conv2d(3, 8, 4, bias=False)`.", {"": _init(NORMAL, "nn.init.zeros_(module.bias)")}),
    "other-layers-break": Known("`net.apply` calls it on every module, also on those without weights: try it on a `nn.Sequential` with a `nn.Tanh`.", {"": function(
        "init_weights(module)", "if isinstance(module, nn.BatchNorm2d):", *("    " + line for line in NORM), "elif not isinstance(module, (nn.Sequential, nn.ReLU, nn.LeakyReLU)):", "    " + NORMAL)}),
    "requires-grad-changed": {"": _init(NORMAL, "module.weight.requires_grad_(False)")},
    "reseeds-global-state": {"": _init("torch.manual_seed(0)", NORMAL)},
}  # fmt: skip


def _sample(images: str = "generator(torch.randn(n, generator.latent_dim))", *, returned: str = "x", without: str = "", changed: tuple[str, str] = ("", "")) -> str:  # fmt: skip
    lines = ["was_training = generator.training", "generator.eval()", "with torch.no_grad():", f"    x = {images}", "generator.train(was_training)", f"return {returned}"]  # fmt: skip
    code = function("sample(generator, n)", *(line for line in lines if line != without))
    return code.replace(*changed) if changed[0] else code


SAMPLE: Entries = {
    "sample-in-train-mode": Known("Print `generator.training` where it paints: what does batch norm do then?", {"": _sample(without="generator.eval()")}),
    "mode-not-restored": {"left in eval mode": _sample(without="generator.train(was_training)"), "always back to train mode": _sample(changed=("generator.train(was_training)", "generator.train()"))},
    "noise-uniform": {"": _sample("generator(torch.rand(n, generator.latent_dim))"), "around 0": _sample("generator(2 * torch.rand(n, generator.latent_dim) - 1)")},
    "noise-missing": {"": _sample("generator(torch.zeros(n, generator.latent_dim))")},
    "noise-scaled": {"": _sample("generator(0.7 * torch.randn(n, generator.latent_dim))")},
    "noise-off-centre": {"": _sample("generator(torch.randn(n, generator.latent_dim) + 1)")},
    "noise-shared-by-rows": {"": _sample("generator(torch.randn(1, generator.latent_dim).expand(n, -1))")},
    "noise-shared-by-dims": {"": _sample("generator(torch.randn(n, 1).expand(-1, generator.latent_dim))")},
    "noise-not-fresh": {
        "made once": "torch.manual_seed(3)\nFIXED = torch.randn(64, 200)\n\n" + _sample("generator(FIXED[:n, : generator.latent_dim])"),
        "seeded": (_sample(changed=("generator.eval()", "generator.eval()\n    torch.manual_seed(0)")), "reseeds-global-state"),
        "seeded generator": _sample("generator(torch.randn(n, generator.latent_dim, generator=torch.Generator().manual_seed(0)))"),
    },
    "latent-dim-fixed": {"": _sample("generator(torch.randn(n, 100))")},
    "sample-rescaled": Known("Between which two values should the pictures lie that you return, and who brings them to what a screen shows?", {"": _sample(returned="(x + 1) / 2")}),
    "not-generated": Known("Compare what you return with the generator's output for the same noise: what happens in between?", {"tanh again": _sample(returned="torch.tanh(x)"), "clamped": _sample(returned="x.clamp(-0.5, 0.5)")}),
    "sample-records-graph": Known("What does torch remember of a forward pass, and who needs it here?", {"": _sample(changed=("with torch.no_grad():\n        x", "if True:\n        x"))}),
    "grad-mode-left-off": {"": _sample(changed=("with torch.no_grad():\n        x", "torch.set_grad_enabled(False)\n    x"))},
    "sample-trains": Known("Compare `generator.state_dict()` before and after: sampling should leave no trace in it.", {"": _sample(changed=("generator.train(was_training)", "generator.train(was_training)\n    with torch.no_grad():\n        for p in generator.parameters():\n            p.mul_(0.99)"))}),
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("gan", "Generator", "effect", GENERATOR, LOOKS),
    *written_down("gan", "Discriminator", "effect", DISCRIMINATOR, LOOKS),
    *written_down("gan", "init_weights", "effect", INIT_WEIGHTS, LOOKS),
    *written_down("gan", "sample", "effect", SAMPLE, LOOKS),
)
