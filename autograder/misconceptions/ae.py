"""The mistakes of the lab `ae`: code that students write, and what to look at then."""

from __future__ import annotations

from autograder.misconceptions.common import LOOKS
from autograder.misconceptions.model import Entries, Known, Mistake, written_down
from autograder.misconceptions.writing import function, indented


def _encoder(*body: str) -> str:
    return f"""class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.hidden = nn.Linear(784, 64)
        self.code = nn.Linear(64, latent_dim)

    def forward(self, x):
{indented(body, 8)}"""


def decoder(*body: str) -> str:
    """A decoder whose `forward` ends with these lines; `h` is what the last layer is given."""
    return f"""class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.hidden = nn.Linear(latent_dim, 64)
        self.pixels = nn.Linear(64, 784)

    def forward(self, z):
        h = F.relu(self.hidden(z))
{indented(body, 8)}"""


def _autoencoder(*body: str) -> str:
    return f"""class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)

    def forward(self, x):
{indented(body, 8)}"""


def _loss(*lines: str) -> str:
    return function("reconstruction_loss(x_hat, x)", *lines)


def _step(*lines: str) -> str:
    return function("train_step(model, optimizer, x)", *lines)


def _evaluate(*lines: str) -> str:
    return function("evaluate(model, x)", *lines)


def _path(*lines: str) -> str:
    return function("interpolate(model, x_start, x_end, steps)", *lines)


H = "h = F.relu(self.hidden(x))"
TRAIN, ZERO, BACK, MOVE, END = "model.train()", "optimizer.zero_grad()", "loss.backward()", "optimizer.step()", "return loss.item()"  # fmt: skip
LOSS = "loss = reconstruction_loss(model(x), x)"
KEEP, EVAL, RESTORE = "was_training = model.training", "model.eval()", "model.train(was_training)"
NO_GRAD, VALUE = "with torch.no_grad():", "    loss = reconstruction_loss(model(x), x)"
CODES = ("a = model.encoder(x_start[None])", "b = model.encoder(x_end[None])")
LINE, DECODED = "t = torch.linspace(0, 1, steps)[:, None]", "return model.decoder(a + t * (b - a))"

ENCODER: Entries = {
    "activation-on-code": Known(
        "Look at the smallest and the largest value that a code can take: what stands behind the last linear layer?",
        {
            "relu": _encoder(H, "return F.relu(self.code(h))"),
            "tanh": _encoder(H, "return torch.tanh(self.code(h))"),
            "sigmoid": _encoder(H, "return torch.sigmoid(self.code(h))"),
            "softplus": _encoder(H, "return F.softplus(self.code(h))"),
            "leaky relu": _encoder(H, "return F.leaky_relu(self.code(h))"),
            "elu": _encoder(H, "return F.elu(self.code(h))"),
            "absolute value": _encoder(H, "return self.code(h).abs()"),
            "hard tanh": _encoder(H, "return F.hardtanh(self.code(h))"),
            "silu": _encoder(H, "return F.silu(self.code(h))"),
        },
    ),
    "graph-cut": {
        "detached": _encoder(H, "return self.code(h.detach())"),
        "data": _encoder(H, "return self.code(h.data)"),
        "no_grad": _encoder("with torch.no_grad():", "    " + H, "return self.code(h)"),
        "numpy": _encoder(H, "return torch.from_numpy(self.code(h).detach().numpy())"),
    },
    "random-in-eval-mode": {"dropout": _encoder("h = F.dropout(F.relu(self.hidden(x)), 0.5)", "return self.code(h)")},
    "rows-mixed": {
        "batch mean": _encoder("h = F.relu(self.hidden(x - x.mean(0)))", "return self.code(h)"),
        "softmax over the batch": _encoder("h = F.softmax(self.hidden(x), dim=0)", "return self.code(h)"),
        "brightest of the batch": _encoder("h = F.relu(self.hidden(x / x.max()))", "return self.code(h)"),
        "centred codes": _encoder(H, "z = self.code(h)", "return z - z.mean(0)"),
    },
    "input-ignored": {
        "half": _encoder("x = x.clone()", "x[:, 392:] = 0", H, "return self.code(h)"),
        "every second row of pixels": _encoder("x = x.view(-1, 28, 28).clone()", "x[:, ::2] = 0", "x = x.flatten(1)", H, "return self.code(h)"),
    },
    "input-modified": {
        "scaled": _encoder("x.mul_(2).sub_(1)", H, "return self.code(h)"),
        "noise for a denoising encoder": _encoder("x += 0.1", H, "return self.code(h)"),
    },
    "reseeds-global-state": {"": _encoder(H, "return self.code(h)").replace("super()", "torch.manual_seed(0)\n        super()")},
    "layers-not-registered": {"": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.layers = [nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, latent_dim)]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x
"""},
}  # fmt: skip

DECODER: Entries = {
    "no-sigmoid-on-pixels": Known(
        "Between which two numbers lies a pixel, and which values can your last line give?",
        {
            "": decoder("return self.pixels(h)"),
            "relu": decoder("return F.relu(self.pixels(h))"),
            "softplus": decoder("return F.softplus(self.pixels(h))"),
            "in eval mode only": decoder("x = self.pixels(h)", "return x if self.training else torch.sigmoid(x)"),
            "bytes": decoder("return 255 * torch.sigmoid(self.pixels(h))"),
        },
    ),
    "tanh-on-pixels": Known("Between which two numbers lies a pixel, and between which two a tanh?", {"": decoder("return torch.tanh(self.pixels(h))")}),
    "sigmoid-twice": Known("What are the smallest and the largest value of your output, even with huge weights?", {"": decoder("return torch.sigmoid(torch.sigmoid(self.pixels(h)))")}),
    "range-not-reached": Known(
        "Can your output be nearly white everywhere, and can it be nearly black everywhere? What keeps it from that?",
        {
            "sigmoid after relu": decoder("return torch.sigmoid(F.relu(self.pixels(h)))"),
            "softmax": decoder("return F.softmax(self.pixels(h), dim=1)"),
            "half a sigmoid": decoder("return 0.5 * torch.sigmoid(self.pixels(h))"),
        },
    ),
    "clamp-instead-of-sigmoid": Known("How large is the gradient at a pixel that your last line has cut off?", {"": decoder("return self.pixels(h).clamp(0, 1)")}),
    "output-rounded": Known("How many different grey values does your output have?", {"": decoder("x = torch.sigmoid(self.pixels(h))", "return (x > 0.5).float() + x - x.detach()")}),
    "graph-cut": {"": decoder("return torch.sigmoid(self.pixels(h.detach()))")},
    "input-ignored": {"one latent only": decoder("h = F.relu(self.hidden(z[:, :1].expand_as(z)))", "return torch.sigmoid(self.pixels(h))")},
    "random-in-eval-mode": {"dropout": decoder("h = F.dropout(h, 0.5)", "return torch.sigmoid(self.pixels(h))")},
    "rows-mixed": {"brightest of the batch": decoder("x = torch.sigmoid(self.pixels(h))", "return x / x.max()")},
}  # fmt: skip

AUTOENCODER: Entries = {
    "forward-is-not-the-composition": {
        "skip connection": _autoencoder("return 0.5 * self.decoder(self.encoder(x)) + 0.5 * x"),
        "sigmoid again": _autoencoder("return torch.sigmoid(self.decoder(self.encoder(x)))"),
        "relu on the code": _autoencoder("return self.decoder(torch.relu(self.encoder(x)))"),
        "unit codes": _autoencoder("return self.decoder(F.normalize(self.encoder(x)))"),
        "twice": _autoencoder("return self.decoder(self.encoder(self.decoder(self.encoder(x))))"),
        "clamped": _autoencoder("return self.decoder(self.encoder(x)).clamp(0.1, 0.9)"),
    },
    "graph-cut": {
        "code detached": _autoencoder("return self.decoder(self.encoder(x).detach())"),
        "encoder without gradients": _autoencoder("with torch.no_grad():", "    z = self.encoder(x)", "return self.decoder(z)"),
    },
    "parts-not-named": {"": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.enc = Encoder(latent_dim)
        self.dec = Decoder(latent_dim)

    def forward(self, x):
        return self.dec(self.enc(x))
"""},
}  # fmt: skip

_REDUCTION = "Count: over how many numbers is the average taken, and which dimensions are summed instead?"
RECONSTRUCTION_LOSS: Entries = {
    "mse-summed": Known(_REDUCTION, {
        "": _loss("return F.mse_loss(x_hat, x, reduction='sum')"),
        "by hand": _loss("return ((x_hat - x) ** 2).sum()"),
    }),
    "mse-summed-over-pixels": Known(_REDUCTION, {"": _loss("return ((x_hat - x) ** 2).sum(1).mean()"), "divided by the batch": _loss("return F.mse_loss(x_hat, x, reduction='sum') / len(x)")}),
    "mse-summed-over-batch": Known(_REDUCTION, {"": _loss("return ((x_hat - x) ** 2).mean(1).sum()"), "divided by the pixels": _loss("return ((x_hat - x) ** 2).sum() / 784")}),
    "mse-halved": Known("Compare with the definition on one pixel that is off by 1: which factor is yours?", {
        "": _loss("return 0.5 * F.mse_loss(x_hat, x)"),
        "smooth": _loss("return F.smooth_l1_loss(x_hat, x)"),
        "huber": _loss("return F.huber_loss(x_hat, x)"),
    }),
    "root-of-mse": Known("Double every error: does the loss get twice or four times as large, and which should it?", {
        "": _loss("return F.mse_loss(x_hat, x).sqrt()"),
        "norm of each row": _loss("return torch.norm(x_hat - x, dim=1).mean()"),
    }),
    "absolute-error": Known("Double every error: does the loss get twice or four times as large, and which should it?", {"": _loss("return F.l1_loss(x_hat, x)"), "by hand": _loss("return (x_hat - x).abs().mean()"), "summed": _loss("return F.l1_loss(x_hat, x, reduction='sum') / len(x)"), "negative": _loss("return -(x_hat - x).abs().mean()")}),
    "bce-instead-of-mse": Known("What is the loss of a grey picture against itself, and what does this lab's loss give there?", {
        "": _loss("return F.binary_cross_entropy(x_hat, x)"),
        "summed over pixels": _loss("return F.binary_cross_entropy(x_hat, x, reduction='sum') / len(x)"),
    }),
    "square-of-mean-error": Known("Take one pixel too bright by 1 and one too dark by 1: what does your loss say, in which order do you square and average?", {"": _loss("return (x_hat - x).mean() ** 2")}),
    "error-not-squared": Known("Take one pixel too bright by 1 and one too dark by 1: what does your loss say?", {"": _loss("return (x_hat - x).mean()"), "the other way round": _loss("return (x - x_hat).mean()"), "halved": _loss("return 0.5 * (x_hat - x).mean()")}),
    "mse-negated": Known("Which has the smaller loss: a perfect reconstruction or a bad one?", {"": _loss("return -F.mse_loss(x_hat, x)"), "within": _loss("return ((x_hat - x) * (x - x_hat)).mean()")}),
    "cosine-instead-of-mse": Known("Make a reconstruction half as bright: does your loss notice?", {"": _loss("return 1 - F.cosine_similarity(x_hat, x).mean()")}),
    "variance-of-error": Known("Add 0.2 to every pixel of the reconstruction: does your loss notice?", {"": _loss("return (x_hat - x).var()")}),
    "largest-error": Known("How many of the pixels decide about your loss?", {"": _loss("return ((x_hat - x) ** 2).max()")}),
    "first-row-only": Known("Change the last digit of the batch: does your loss notice?", {"": _loss("return F.mse_loss(x_hat[0], x[0])")}),
    "loss-not-reduced": {"no reduction": _loss("return (x_hat - x) ** 2"), "one a digit": _loss("return ((x_hat - x) ** 2).mean(1)")},
    "constant-factor": {"three times": _loss("return 3 * F.mse_loss(x_hat, x)"), "in bytes": _loss("return F.mse_loss(255 * x_hat, 255 * x)")},
    "graph-cut": Known(LOOKS["graph-cut"], {
        "detached": _loss("return F.mse_loss(x_hat.detach(), x)"),
        "data": _loss("return ((x_hat.data - x) ** 2).mean()"),
    }, "effect"),
    "input-modified": Known(LOOKS["input-modified"], {"": _loss("return x_hat.data.sub_(x).pow(2).mean() + 0 * x_hat.sum()", "# the difference lands in x_hat")}, "effect"),
    "constant-added": Known("What is the loss of a picture against itself, and what should it be?", {"": _loss("return F.mse_loss(x_hat, x) + 0.01")}),
    "sign-and-factor": Known("Which has the smaller loss: a perfect reconstruction or a bad one?", {"": _loss("return -2 * F.mse_loss(x_hat, x)")}),
    "loss-random": {"noise on the target": _loss("return F.mse_loss(x_hat, x + 0.1 * torch.randn_like(x))"), "one digit at random": _loss("i = torch.randint(len(x), ())", "return F.mse_loss(x_hat[i], x[i])")},
}  # fmt: skip

TRAIN_STEP: Entries = {
    "zero-grad-missing": {"": _step(TRAIN, LOSS, BACK, MOVE, END)},
    "no-update": {
        "no step": _step(TRAIN, ZERO, LOSS, BACK, END),
        "no backward": _step(TRAIN, ZERO, LOSS, MOVE, END),
        "cleared after backward": _step(TRAIN, LOSS, BACK, ZERO, MOVE, END),
        "step before backward": _step(TRAIN, ZERO, LOSS, MOVE, BACK, END),
        "evaluates only": _step("return reconstruction_loss(model(x), x).item()"),
    },
    "step-in-eval-mode": {"": _step(ZERO, LOSS, BACK, MOVE, END), "eval": _step(EVAL, ZERO, LOSS, BACK, MOVE, END)},
    "gradient-ascent": {"": _step(TRAIN, ZERO, LOSS, "(-loss).backward()", MOVE, END)},
    "step-taken-twice": {"": _step(TRAIN, ZERO, LOSS, BACK, MOVE, MOVE, END)},
    "gradient-clipped": {
        "norm": _step(TRAIN, ZERO, LOSS, BACK, "nn.utils.clip_grad_norm_(model.parameters(), 1.0)", MOVE, END),
        "value": _step(TRAIN, ZERO, LOSS, BACK, "nn.utils.clip_grad_value_(model.parameters(), 0.1)", MOVE, END),
    },
    "encoder-not-trained": Known("Which of the two parts moved in a step, and where does the gradient stop on its way to the other?", {
        "": _step(TRAIN, ZERO, "z = model.encoder(x).detach()", "loss = reconstruction_loss(model.decoder(z), x)", BACK, MOVE, END),
        "no_grad": _step(TRAIN, ZERO, NO_GRAD, "    z = model.encoder(x)", "loss = reconstruction_loss(model.decoder(z), x)", BACK, MOVE, END),
    }),
    "loss-after-update": {"": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "return reconstruction_loss(model(x), x).item()")},
    "loss-keeps-graph": {"": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "return loss")},
    "loss-times-batch": {"": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "return loss.item() * len(x)")},
    "optimizer-changed": {"": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "optimizer.param_groups[0]['lr'] *= 0.9", END)},
    "reseeds-global-state": {"": _step("torch.manual_seed(1)", TRAIN, ZERO, LOSS, BACK, MOVE, END)},
    "step-length": {
        "own optimiser": _step("optimizer = torch.optim.SGD(model.parameters(), lr=0.1)", TRAIN, ZERO, LOSS, BACK, MOVE, END),
        "sum over pixels": _step(TRAIN, ZERO, LOSS, "(784 * loss).backward()", MOVE, END),
    },
    "carried-over": {"momentum forgotten": _step("optimizer.state.clear()", TRAIN, ZERO, LOSS, BACK, MOVE, END)},
    "requires-grad-changed": {"decoder frozen": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "model.decoder.requires_grad_(False)", END)},
    "input-modified": {"noise": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "x.mul_(0.5)", END)},
    "grad-mode-left-off": {"": _step(TRAIN, ZERO, LOSS, BACK, MOVE, "torch.set_grad_enabled(False)", END)},
    "step-before-backward": {"": _step(TRAIN, LOSS, MOVE, BACK, END), "cleared at the end": _step(TRAIN, LOSS, MOVE, ZERO, BACK, END)},
}  # fmt: skip

EVALUATE: Entries = {
    "mode-not-restored": {
        "left in eval mode": _evaluate(EVAL, NO_GRAD, VALUE, END),
        "always back to train mode": _evaluate(EVAL, NO_GRAD, VALUE, TRAIN, END),
    },
    "evaluate-records-graph": Known("What does torch remember of a forward pass, and who needs it here?", {
        "": _evaluate(KEEP, EVAL, LOSS, RESTORE, END),
    }),
    "grad-mode-left-off": {"": _evaluate("torch.set_grad_enabled(False)", KEEP, EVAL, LOSS, RESTORE, END)},
    "evaluate-trains": Known("Compare `model.state_dict()` before and after: evaluating should leave no trace in it.", {
        "a pass in train mode": _evaluate(KEEP, NO_GRAD, "    model.train()(x)", "    loss = reconstruction_loss(model.eval()(x), x)", RESTORE, END),
        "weights shrink": _evaluate(KEEP, EVAL, NO_GRAD, VALUE, "    for p in model.parameters():", "        p.mul_(0.99)", RESTORE, END),
    }),
    "reseeds-global-state": {"": _evaluate("torch.manual_seed(0)", KEEP, EVAL, NO_GRAD, VALUE, RESTORE, END)},
    "requires-grad-changed": {"": _evaluate(KEEP, EVAL, "model.requires_grad_(False)", NO_GRAD, VALUE, RESTORE, END)},
    "gradients-changed": {
        "": _evaluate(KEEP, EVAL, "model.zero_grad()", NO_GRAD, VALUE, RESTORE, END),
        "backward": (_evaluate(KEEP, EVAL, LOSS, BACK, RESTORE, END), "evaluate-records-graph"),
    },
    "loss-keeps-graph": {"": (_evaluate(KEEP, EVAL, LOSS, RESTORE, "return loss"), "evaluate-records-graph")},
    "evaluate-in-train-mode": Known("Print `model.training` where the loss is computed: what do dropout and batch norm do then?", {
        "": _evaluate(NO_GRAD, "    return reconstruction_loss(model(x), x).item()"),
        "switched on": (_evaluate(TRAIN, NO_GRAD, "    return reconstruction_loss(model(x), x).item()"), "mode-not-restored"),
    }),
}  # fmt: skip

INTERPOLATE: Entries = {
    "interpolates-pixels": Known("What is halfway between two digits on your path: a digit, or two half-transparent ones? In which space is the line drawn?", {
        "through the model": _path(LINE, "return model((1 - t) * x_start + t * x_end)"),
        "no model at all": _path(LINE, "return (1 - t) * x_start + t * x_end"),
        "decoded ends mixed": _path(*CODES, LINE, "return (1 - t) * model.decoder(a) + t * model.decoder(b)"),
    }),
    "end-left-out": Known("Print your `t`: what are its first and its last value?", {"": _path(*CODES, "t = (torch.arange(steps) / steps)[:, None]", DECODED)}),
    "start-left-out": Known("Print your `t`: what are its first and its last value?", {"": _path(*CODES, "t = torch.linspace(0, 1, steps + 1)[1:, None]", DECODED)}),
    "ends-left-out": Known("Print your `t`: what are its first and its last value?", {"": _path(*CODES, "t = torch.linspace(0, 1, steps + 2)[1:-1, None]", DECODED)}),
    "interpolates-backwards": Known("Which image should the first row be, and which is it?", {"": _path(*CODES, LINE, "return model.decoder(t * a + (1 - t) * b)")}),
    "interpolates-on-the-sphere": Known("Look at the codes on your path: do equal steps of `t` make equal steps on one straight line?", {"": _path(
        *CODES, "angle = torch.acos(F.cosine_similarity(a, b))", LINE, "z = torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b", "return model.decoder(z / torch.sin(angle))")}),
    "uneven-steps": Known("Print the distance between one code on the path and the next: are these all equal?", {
        "squared": _path(*CODES, LINE.replace("[:, None]", "[:, None] ** 2"), DECODED),
        "cosine": _path(*CODES, "t = torch.linspace(0, 1, steps)[:, None]", "t = (1 - torch.cos(math.pi * t)) / 2", DECODED),
    }),
    "interpolates-start-only": Known("Print the last row: which image is it?", {"": _path(*CODES, LINE, "return model.decoder(a + 0 * t * b)")}),
    "walks-beyond": Known("Put t = 1 into your formula: which code comes out?", {"": _path(*CODES, LINE, "return model.decoder(a + t * b)")}),
    "reseeds-global-state": {"": _path("torch.manual_seed(0)", *CODES, LINE, DECODED)},
}  # fmt: skip

MISTAKES: tuple[Mistake, ...] = (
    *written_down("ae", "Encoder", "effect", ENCODER, LOOKS),
    *written_down("ae", "Decoder", "effect", DECODER, LOOKS),
    *written_down("ae", "AutoEncoder", "effect", AUTOENCODER, LOOKS),
    *written_down("ae", "reconstruction_loss", "numeric", RECONSTRUCTION_LOSS, LOOKS),
    *written_down("ae", "train_step", "effect", TRAIN_STEP, LOOKS),
    *written_down("ae", "evaluate", "effect", EVALUATE, LOOKS),
    *written_down("ae", "interpolate", "numeric", INTERPOLATE, LOOKS),
)
