"""What the sample class wrote for the lab `ae`: code by component, right in two styles and wrong in many."""

from __future__ import annotations

RIGHT = {
    "Encoder": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, latent_dim))

    def forward(self, x):
        return self.layers(x)
""",
    "Decoder": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.layers = nn.Sequential(nn.Linear(latent_dim, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid())

    def forward(self, z):
        return self.layers(z)
""",
    "AutoEncoder": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)

    def forward(self, x):
        return self.decoder(self.encoder(x))
""",
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return ((x_hat - x) ** 2).mean()
""",
    "train_step": """
def train_step(model, optimizer, x):
    model.train()
    optimizer.zero_grad()
    loss = reconstruction_loss(model(x), x)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
    "evaluate": """
def evaluate(model, x):
    was_training = model.training
    model.eval()
    with torch.no_grad():
        loss = reconstruction_loss(model(x), x).item()
    model.train(was_training)
    return loss
""",
    "interpolate": """
def interpolate(model, x_start, x_end, steps):
    z_start, z_end = model.encoder(torch.stack([x_start, x_end]))
    t = torch.linspace(0, 1, steps).unsqueeze(1)
    return model.decoder((1 - t) * z_start + t * z_end)
""",
    "discussion_1": "The loss only looks at codes that the encoder made. A random code lies somewhere else, "
    "where nobody ever told the decoder what to draw.",
    "discussion_2": "With two numbers I expect blurred, typical digits; with 784 the network can copy.",
    "discussion_3": "The mean of all digits that fit is grey, and the squared error likes the mean.",
}

# As right as the above, in another hand: functions that build networks, other layers, other idioms.
RIGHT_IN_ANOTHER_STYLE = {
    "Encoder": """
def Encoder(latent_dim: int = 32, width: int = 384) -> nn.Module:
    return nn.Sequential(
        nn.Linear(28 * 28, width), nn.LayerNorm(width), nn.GELU(),
        nn.Linear(width, latent_dim),
    )
""",
    "Decoder": """
class Decoder(nn.Module):
    '''Logits first, squashed at the end; the sigmoid is written out.'''

    def __init__(self, latent_dim: int = 32, width: int = 384) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.hidden = nn.Linear(latent_dim, width)
        self.pixels = nn.Linear(width, 28 * 28)

    def forward(self, z):
        h = F.gelu(self.hidden(z))
        return 0.5 * (1 + torch.tanh(self.pixels(h) / 2))
""",
    "AutoEncoder": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim: int = 32) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder, self.decoder = Encoder(latent_dim), Decoder(latent_dim)

    def forward(self, images):
        codes = self.encoder(images)
        return self.decoder(codes)
""",
    "reconstruction_loss": """
reconstruction_loss = nn.MSELoss()
""",
    "train_step": """
def train_step(model, optimizer, x):
    model.train()
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    loss = F.mse_loss(model(x), x)
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return float(loss.detach())
""",
    "evaluate": """
@torch.inference_mode()
def evaluate(model, x):
    mode = model.training
    try:
        return float(F.mse_loss(model.eval()(x), x))
    finally:
        model.train(mode)
""",
    "interpolate": """
def interpolate(model, x_start, x_end, steps):
    with torch.no_grad():
        a, b = model.encoder(x_start[None]), model.encoder(x_end[None])
        codes = torch.cat([torch.lerp(a, b, i / (steps - 1)) for i in range(steps)])
        return model.decoder(codes)
""",
    "discussion_1": "Decoder and encoder only have to agree with each other; *where* the codes lie is up to "
    "them. Fitting a Gaussian mixture to the codes and drawing from that would help.",
    "discussion_2": "Without ReLU and sigmoid it is PCA, so the loss cannot fall below that of PCA.",
    "discussion_3": "A stroke that is moved by two pixels is punished twice, a blur only a little.",
}

RELU_ON_THE_CODE = {
    "Encoder": """
class Encoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.layer1 = nn.Linear(784, 256)
        self.layer2 = nn.Linear(256, latent_dim)

    def forward(self, x):
        x = F.relu(self.layer1(x))
        return F.relu(self.layer2(x))
""",
}

NO_SIGMOID = {
    "Decoder": """
class Decoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.fc1 = nn.Linear(latent_dim, 256)
        self.fc2 = nn.Linear(256, 784)

    def forward(self, z):
        return self.fc2(F.relu(self.fc1(z)))
""",
}

SUMMED_LOSS = {
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x):
    return F.mse_loss(x_hat, x, reduction="sum")
""",
}

NO_ZERO_GRAD = {
    "train_step": """
def train_step(model, optimizer, x):
    model.train()
    loss = reconstruction_loss(model(x), x)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
}

STAYS_IN_EVAL_MODE = {
    "evaluate": """
def evaluate(model, x):
    model.eval()
    with torch.no_grad():
        return reconstruction_loss(model(x), x).item()
""",
}

BLENDS_PIXELS = {
    "interpolate": """
def interpolate(model, x_start, x_end, steps):
    t = torch.linspace(0, 1, steps)[:, None]
    return model((1 - t) * x_start + t * x_end)
""",
}

RAISES = {
    "AutoEncoder": """
class AutoEncoder(nn.Module):
    def __init__(self, latent_dim=32):
        super().__init__()
        self.latent_dim = latent_dim
        self.encoder = Encoder(latent_dim)
        self.decoder = Decoder(latent_dim)

    def forward(self, x):
        z = self.encode(x)
        return self.decoder(z)
""",
    "evaluate": """
def evaluate(model, x):
    with torch.no_grad():
        return reconstruction_loss(model(x), x.view(28, 28)).item()
""",
}

NEVER_ENDS = {
    "train_step": """
def train_step(model, optimizer, x):
    model.train()
    while True:
        optimizer.zero_grad()
        loss = reconstruction_loss(model(x), x)
        loss.backward()
        optimizer.step()
        if loss < 0:
            break
    return loss.item()
""",
}

DOES_NOT_PARSE = {
    "reconstruction_loss": """
def reconstruction_loss(x_hat, x)
    return F.mse_loss(x_hat, x)
""",
}
