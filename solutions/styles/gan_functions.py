"""Right functions of the lab `gan`, in many styles. Each must get full points."""

RIGHT = {
    "discriminator_loss": {
        "criterion": """
criterion = nn.BCEWithLogitsLoss()
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = criterion(real_logits, torch.ones_like(real_logits) * smoothing)
    return real + criterion(fake_logits, torch.zeros_like(fake_logits))
""",
        "softplus": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = smoothing * F.softplus(-real_logits) + (1 - smoothing) * F.softplus(real_logits)
    return real.mean() + F.softplus(fake_logits).mean()
""",
        "logsigmoid": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = -(smoothing * F.logsigmoid(real_logits) + (1 - smoothing) * F.logsigmoid(-real_logits)).mean()
    return real - F.logsigmoid(-fake_logits).mean()
""",
        "row by row": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    real = sum(F.softplus(l) - smoothing * l for l in real_logits) / len(real_logits)
    fake = sum(F.softplus(l) for l in fake_logits) / len(fake_logits)
    return real + fake
""",
        "cross-entropy of sigmoids": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    d_real, d_fake = torch.sigmoid(real_logits), torch.sigmoid(fake_logits)
    real = F.binary_cross_entropy(d_real, torch.full_like(d_real, smoothing))
    return real + F.binary_cross_entropy(d_fake, torch.zeros_like(d_fake))
""",
        "BCELoss": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    loss = nn.BCELoss()
    real = loss(torch.sigmoid(real_logits), real_logits.new_full(real_logits.shape, smoothing))
    return real + loss(torch.sigmoid(fake_logits), fake_logits.new_zeros(fake_logits.shape))
""",
        "logarithms with an epsilon": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9, eps=1e-8):
    p, q = real_logits.sigmoid(), fake_logits.sigmoid()
    real = -(smoothing * torch.log(p + eps) + (1 - smoothing) * torch.log(1 - p + eps)).mean()
    return real - torch.log(1 - q + eps).mean()
""",
        "logarithms of clamped sigmoids": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    p, q = real_logits.sigmoid().clamp(1e-7, 1 - 1e-7), fake_logits.sigmoid().clamp(1e-7, 1 - 1e-7)
    return -(smoothing * p.log() + (1 - smoothing) * (1 - p).log()).mean() - (1 - q).log().mean()
""",
        "log1p of exp, clamped": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    def bce(logits, target):
        return (logits.clamp(min=0) - logits * target + torch.log1p(torch.exp(-logits.abs()))).mean()
    return bce(real_logits, smoothing) + bce(fake_logits, 0.0)
""",
        "logaddexp": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    zero = torch.zeros(())
    real = torch.logaddexp(zero, real_logits) - smoothing * real_logits
    return torch.add(real.mean(), torch.logaddexp(zero, fake_logits).mean())
""",
        "one call with weights": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    logits = torch.cat([real_logits, fake_logits])
    targets = torch.cat([torch.full((len(real_logits),), smoothing), torch.zeros(len(fake_logits))])
    weights = torch.cat([torch.ones_like(real_logits) / len(real_logits), torch.ones_like(fake_logits) / len(fake_logits)])
    return F.binary_cross_entropy_with_logits(logits, targets, weight=weights, reduction="sum")
""",
        "sum over the number": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    bce = F.binary_cross_entropy_with_logits
    real = bce(real_logits, torch.full(real_logits.size(), float(smoothing)), reduction="sum") / real_logits.numel()
    return real + bce(fake_logits, fake_logits * 0, reduction="none").mean()
""",
        "two-class cross-entropy": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    def two(logits):
        return torch.stack([torch.zeros_like(logits), logits], dim=1)
    soft = torch.tensor([1 - smoothing, smoothing]).expand(len(real_logits), 2)
    return F.cross_entropy(two(real_logits), soft) + F.cross_entropy(two(fake_logits), torch.zeros(len(fake_logits), dtype=torch.long))
""",
        "Bernoulli": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    D = torch.distributions.Bernoulli
    real = -D(logits=real_logits, validate_args=False).log_prob(torch.full_like(real_logits, smoothing)).mean()
    fake = -D(logits=fake_logits).log_prob(torch.zeros_like(fake_logits)).mean()
    return real + fake
""",
        "with a print, in a class": """
class DiscriminatorLoss(nn.Module):
    def forward(self, real_logits, fake_logits, smoothing=0.9):
        real, fake = (F.binary_cross_entropy_with_logits(l, torch.empty_like(l).fill_(t)) for l, t in ((real_logits, smoothing), (fake_logits, 0.0)))
        print("loss", float(real), float(fake))
        return real + fake
discriminator_loss = DiscriminatorLoss()
""",
        "labels under no_grad, by default argument": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9, *, fake_label=0.0):
    with torch.no_grad():
        ones, zeros = torch.ones_like(real_logits).mul_(smoothing), torch.zeros_like(fake_logits).add_(fake_label)
    return nn.functional.binary_cross_entropy_with_logits(input=real_logits, target=ones) + nn.functional.binary_cross_entropy_with_logits(input=fake_logits, target=zeros)
""",
        "in float64": """
def discriminator_loss(real_logits, fake_logits, smoothing=0.9):
    r, f = real_logits.double(), fake_logits.double()
    return ((F.softplus(r) - smoothing * r).mean() + F.softplus(f).mean()).float()
""",
    },
    "generator_loss": {
        "criterion": "def generator_loss(fake_logits):\n    return nn.BCEWithLogitsLoss()(fake_logits, torch.ones_like(fake_logits))",
        "softplus": "def generator_loss(fake_logits):\n    return F.softplus(-fake_logits).mean()",
        "logsigmoid": "def generator_loss(fake_logits):\n    return -F.logsigmoid(fake_logits).mean()",
        "logarithm with an epsilon": "def generator_loss(fake_logits):\n    return -torch.log(torch.sigmoid(fake_logits) + 1e-8).mean()",
        "clamped logarithm": "def generator_loss(fake_logits):\n    return -torch.log(torch.sigmoid(fake_logits).clamp(min=1e-7)).mean()",
        "cross-entropy of sigmoids": "def generator_loss(fake_logits):\n    p = torch.sigmoid(fake_logits)\n    return F.binary_cross_entropy(p, torch.ones_like(p))",
        "row by row": "def generator_loss(fake_logits):\n    return torch.stack([F.softplus(-logit) for logit in fake_logits]).mean()",
        "log1p": "def generator_loss(fake_logits):\n    return torch.log1p(torch.exp(-fake_logits)).mean()",
        "logaddexp": "def generator_loss(fake_logits, **options):\n    return torch.logaddexp(torch.zeros_like(fake_logits), -fake_logits).sum() / fake_logits.shape[0]",
        "lambda": "generator_loss = lambda fake_logits: F.binary_cross_entropy_with_logits(fake_logits, torch.full_like(fake_logits, 1.0))",
        "full": "def generator_loss(fake_logits):\n    target = torch.full((fake_logits.size(0),), 1.0, device=fake_logits.device)\n    return F.binary_cross_entropy_with_logits(fake_logits, target)",
        "soft margin": "def generator_loss(fake_logits):\n    return F.soft_margin_loss(fake_logits, torch.ones_like(fake_logits))",
    },
    "make_optimizers": {
        "AdamW": """
def make_optimizers(generator, discriminator):
    opt_g = torch.optim.AdamW(generator.parameters(), 1e-4, betas=(0.5, 0.999), weight_decay=0.0)
    return opt_g, torch.optim.AdamW(discriminator.parameters(), 4e-4, betas=[0.5, 0.999])
""",
        "rates as arguments, a list": """
from torch import optim
def make_optimizers(generator, discriminator, lr_g=2e-4, lr_d=1e-4, betas=(0.5, 0.999)):
    return [optim.Adam(net.parameters(), lr=lr, betas=betas) for net, lr in ((generator, lr_g), (discriminator, lr_d))]
""",
        "named keywords": """
def make_optimizers(generator, discriminator):
    opt_d = torch.optim.Adam(params=list(discriminator.parameters()), betas=(0.5, 0.999), lr=4e-4)
    opt_g = torch.optim.Adam(params=list(generator.parameters()), betas=(0.5, 0.999), lr=1e-4)
    return (opt_g, opt_d)
""",
        "groups": """
def make_optimizers(generator, discriminator):
    def groups(net):
        decayed = [p for p in net.parameters() if p.dim() > 1]
        others = [p for p in net.parameters() if p.dim() <= 1]
        return [{"params": decayed, "weight_decay": 1e-4}, {"params": others}]
    return torch.optim.Adam(groups(generator), lr=1e-4, betas=(0.5, 0.999)), torch.optim.Adam(groups(discriminator), lr=3e-4, betas=(0.5, 0.999))
""",
        "only what learns": """
def make_optimizers(generator, discriminator):
    learning = lambda net: filter(lambda p: p.requires_grad, net.parameters())
    return torch.optim.Adam(learning(generator), 1e-4, (0.5, 0.999)), torch.optim.Adam(learning(discriminator), 2e-4, (0.5, 0.999), foreach=True)
""",
        "amsgrad, eps": """
def make_optimizers(generator, discriminator):
    common = dict(betas=(0.5, 0.999), eps=1e-7, amsgrad=True)
    return torch.optim.Adam(generator.parameters(), lr=0.0002, **common), torch.optim.Adam(discriminator.parameters(), lr=0.0001, **common)
""",
        "fused": """
def make_optimizers(generator, discriminator):
    return torch.optim.Adam(generator.parameters(), lr=1e-4, betas=(0.5, 0.999), fused=True), torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
""",
        "capturable, rates as tensors": """
def make_optimizers(generator, discriminator):
    return torch.optim.Adam(generator.parameters(), lr=torch.tensor(1e-4), betas=(0.5, 0.999), capturable=True, foreach=False), torch.optim.Adam(discriminator.parameters(), lr=torch.tensor(2e-4), betas=(0.5, 0.999), capturable=True, foreach=False)
""",
        "a class of one's own": """
class Mine(torch.optim.Adam):
    def __init__(self, parameters, lr):
        super().__init__(parameters, lr=lr, betas=(0.5, 0.999))
def make_optimizers(generator, discriminator):
    return Mine(generator.parameters(), 1e-4), Mine(discriminator.parameters(), 2e-4)
""",
        "Adam by hand": """
class Adam(torch.optim.Optimizer):
    def __init__(self, params, lr, betas=(0.5, 0.999), eps=1e-8):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps))
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                s = self.state[p]
                if not s:
                    s.update(t=0, m=torch.zeros_like(p), v=torch.zeros_like(p))
                s["t"] += 1
                s["m"].mul_(b1).add_(p.grad, alpha=1 - b1)
                s["v"].mul_(b2).addcmul_(p.grad, p.grad, value=1 - b2)
                m, v = s["m"] / (1 - b1 ** s["t"]), s["v"] / (1 - b2 ** s["t"])
                p.sub_(group["lr"] * m / (v.sqrt() + group["eps"]))
def make_optimizers(generator, discriminator):
    return Adam(generator.parameters(), 1e-4), Adam(discriminator.parameters(), 2e-4)
""",
        "one group a parameter": """
def make_optimizers(generator, discriminator):
    opt_g = torch.optim.Adam([{"params": [p]} for p in generator.parameters()], lr=1e-4, betas=(0.5, 0.999))
    opt_d = torch.optim.Adam([{"params": [p]} for p in discriminator.parameters()], lr=2e-4, betas=(0.5, 0.999))
    return opt_g, opt_d
""",
        "a named tuple, with a print": """
from collections import namedtuple
Pair = namedtuple("Pair", "opt_g opt_d")
def make_optimizers(generator, discriminator):
    print(sum(p.numel() for p in generator.parameters()))
    return Pair(torch.optim.Adam(generator.parameters(), lr=5e-5, betas=(0.5, 0.999)), torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999)))
""",
    },
    "discriminator_step": {
        "detached": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    opt_d.zero_grad()
    z = torch.randn(real.size(0), generator.latent_dim, device=real.device)
    fake = generator(z)
    loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    loss.backward()
    opt_d.step()
    return loss.item()
""",
        "two passes backward": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train(); generator.train()
    discriminator.zero_grad()
    out = discriminator(real)
    loss_real = F.binary_cross_entropy_with_logits(out, torch.full_like(out, 0.9))
    loss_real.backward()
    fake = generator(torch.randn(real.shape[0], generator.latent_dim)).detach()
    out = discriminator(fake)
    loss_fake = F.binary_cross_entropy_with_logits(out, torch.zeros_like(out))
    loss_fake.backward()
    opt_d.step()
    return (loss_real + loss_fake).item()
""",
        "concatenated": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    n = len(real)
    with torch.no_grad():
        fake = generator(torch.randn(n, generator.latent_dim))
    real_logits, fake_logits = discriminator(torch.cat([real, fake])).split(n)
    loss = discriminator_loss(real_logits, fake_logits)
    opt_d.zero_grad(set_to_none=False)
    loss.backward()
    opt_d.step()
    return float(loss)
""",
        "concatenated the other way round": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    with torch.inference_mode(False), torch.no_grad():
        fake = generator(torch.randn(len(real), generator.latent_dim))
    logits = discriminator(torch.cat([fake, real], 0))
    fake_logits, real_logits = logits.chunk(2)
    loss = discriminator_loss(real_logits, fake_logits, smoothing=0.9)
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    return loss.detach()
""",
        "closure": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), generator.latent_dim))
    def closure():
        opt_d.zero_grad()
        loss = discriminator_loss(discriminator(real), discriminator(fake))
        loss.backward()
        return loss
    return opt_d.step(closure).item()
""",
        "autograd.grad": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    fake = generator(torch.randn(len(real), generator.latent_dim))
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    parameters = list(discriminator.parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    opt_d.step()
    return loss.item()
""",
        "backward with inputs": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    fake = generator(torch.randn(len(real), generator.latent_dim))
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad()
    loss.backward(inputs=list(discriminator.parameters()))
    opt_d.step()
    return loss.item()
""",
        "generator frozen meanwhile": """
def discriminator_step(generator, discriminator, opt_d, real):
    generator.requires_grad_(False)
    discriminator.requires_grad_(True)
    discriminator.train()
    opt_d.zero_grad()
    fake = generator(torch.randn(len(real), generator.latent_dim))
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()
    opt_d.step()
    generator.requires_grad_(True)
    return loss.item()
""",
        "generator in eval mode": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    generator.eval()
    with torch.no_grad():
        fake = generator(torch.normal(0.0, 1.0, size=(len(real), generator.latent_dim)))
    generator.train()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    return loss.item()
""",
        "noise of a distribution": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    normal = torch.distributions.Normal(torch.zeros(generator.latent_dim), 1.0)
    fake = generator(normal.sample((len(real),))).detach()
    opt_d.zero_grad()
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()
    opt_d.step()
    return loss.detach().numpy()
""",
        "noise of numpy, zeroed before and after": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    opt_d.zero_grad()
    z = torch.tensor(np.random.normal(size=(len(real), generator.latent_dim)), dtype=torch.float32)
    with torch.no_grad():
        fake = generator(z)
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    loss.backward()
    opt_d.step()
    opt_d.zero_grad()
    generator.zero_grad()
    return loss.item()
""",
        "graph cleared in the generator": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    fake = generator(torch.randn_like(real[:, 0, 0, :1].expand(-1, generator.latent_dim)))
    loss = discriminator_loss(discriminator(real), discriminator(fake.data))
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    return np.float32(loss.item())
""",
        "small pieces": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    opt_d.zero_grad()
    total = 0.0
    for part in real.split(4):
        with torch.no_grad():
            fake = generator(torch.randn(len(part), generator.latent_dim))
        loss = discriminator_loss(discriminator(part), discriminator(fake)) * len(part) / len(real)
        loss.backward()
        total += loss.item()
    opt_d.step()
    return total
""",
        "accuracies on the way": """
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), generator.latent_dim))
    real_logits, fake_logits = discriminator(real), discriminator(fake)
    loss = discriminator_loss(real_logits, fake_logits)
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    with torch.no_grad():
        seen = (discriminator(real) > 0).float().mean(), (discriminator(generator(torch.randn(4, generator.latent_dim))) < 0).float().mean()
    print(seen)
    return loss.item()
""",
        "noise in a helper": """
def noise(n, net):
    return torch.empty(n, net.latent_dim).normal_()
def discriminator_step(generator, discriminator, opt_d, real):
    for network in (generator, discriminator):
        network.train()
    fake = generator(noise(real.shape[0], generator)).detach()
    loss = F.softplus(-discriminator(real)).mean() * 0.9 + F.softplus(discriminator(real)).mean() * 0.1 + F.softplus(discriminator(fake)).mean()
    for p in discriminator.parameters():
        p.grad = None
    loss.backward()
    opt_d.step()
    return loss.item()
""",
        "a gradient scaler, switched off": """
scaler = torch.amp.GradScaler("cpu", enabled=False)
def discriminator_step(generator, discriminator, opt_d, real):
    discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), generator.latent_dim)).clamp(-1, 1)
    real = real.to(next(discriminator.parameters()).device)
    with torch.autocast("cpu", enabled=False):
        loss = discriminator_loss(discriminator(real), discriminator(fake))
    opt_d.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(opt_d)
    scaler.update()
    return loss.item()
""",
        "only the layers that learn in train mode": """
def discriminator_step(generator, discriminator, opt_d, real):
    for module in discriminator.modules():
        module.training = True
    z = torch.randn(generator.latent_dim, len(real)).T
    with torch.set_grad_enabled(False):
        fake = generator(z)
    with torch.enable_grad():
        loss = discriminator_loss(discriminator(real.clone()), discriminator(fake))
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    return loss.item()
""",
    },
    "generator_step": {
        "discriminator frozen meanwhile": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    for p in discriminator.parameters():
        p.requires_grad_(False)
    opt_g.zero_grad()
    loss = generator_loss(discriminator(generator(torch.randn(batch_size, generator.latent_dim))))
    loss.backward()
    opt_g.step()
    for p in discriminator.parameters():
        p.requires_grad_(True)
    return loss.item()
""",
        "both in train mode": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train(); discriminator.train()
    generator.zero_grad(); discriminator.zero_grad()
    out = discriminator(generator(torch.randn((batch_size, generator.latent_dim), device=next(generator.parameters()).device)))
    loss = F.binary_cross_entropy_with_logits(out, torch.ones_like(out))
    loss.backward()
    opt_g.step()
    return float(loss.detach())
""",
        "autograd.grad": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train(True)
    loss = generator_loss(discriminator(generator(torch.randn(batch_size, generator.latent_dim))))
    names, parameters = zip(*generator.named_parameters())
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    opt_g.step()
    return loss.item()
""",
        "closure": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    z = torch.normal(torch.zeros(batch_size, generator.latent_dim))
    def closure():
        opt_g.zero_grad()
        loss = F.softplus(-discriminator(generator(z))).mean()
        loss.backward()
        return loss
    return opt_g.step(closure).item()
""",
        "zero at the end": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    loss = generator_loss(discriminator(generator(torch.randn(batch_size, generator.latent_dim))))
    loss.backward()
    opt_g.step()
    opt_g.zero_grad()
    discriminator.zero_grad()
    return loss.detach()
""",
        "chain rule by hand": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    fake = generator(torch.randn(batch_size, generator.latent_dim))
    leaf = fake.detach().requires_grad_(True)
    loss = generator_loss(discriminator(leaf))
    (push,) = torch.autograd.grad(loss, leaf)
    opt_g.zero_grad()
    fake.backward(push)
    opt_g.step()
    return loss.item()
""",
        "small pieces": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    opt_g.zero_grad()
    total, left = 0.0, batch_size
    while left:
        n = min(5, left)
        loss = generator_loss(discriminator(generator(torch.randn(n, generator.latent_dim)))) * (n / batch_size)
        loss.backward()
        total, left = total + loss.item(), left - n
    opt_g.step()
    return total
""",
        "backward with inputs, discriminator in eval mode": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    discriminator.eval()
    opt_g.zero_grad()
    loss = generator_loss(discriminator(generator(torch.randn(batch_size, generator.latent_dim))))
    loss.backward(inputs=[p for p in generator.parameters()])
    opt_g.step()
    discriminator.train()
    return loss.item()
""",
        "a picture for the log": """
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.eval()
    with torch.no_grad():
        picture = generator(torch.zeros(1, generator.latent_dim))
    generator.train()
    loss = generator_loss(discriminator(generator(torch.randn(batch_size, generator.latent_dim))))
    opt_g.zero_grad(set_to_none=True); loss.backward(); opt_g.step()
    return loss.item()
""",
        "numpy noise, tqdm": """
from tqdm import tqdm
def generator_step(generator, discriminator, opt_g, batch_size):
    generator.train()
    for _ in tqdm(range(1)):
        z = torch.from_numpy(np.random.randn(batch_size, generator.latent_dim)).float()
        opt_g.zero_grad()
        loss = generator_loss(discriminator(generator(z)))
        loss.backward()
        opt_g.step()
    return loss.item()
""",
    },
    "train_step": {
        "in line": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    generator.train(); discriminator.train()
    n = len(real)
    bce = F.binary_cross_entropy_with_logits
    fake = generator(torch.randn(n, generator.latent_dim)).detach()
    on_real, on_fake = discriminator(real), discriminator(fake)
    d_loss = bce(on_real, torch.full_like(on_real, 0.9)) + bce(on_fake, torch.zeros_like(on_fake))
    opt_d.zero_grad(); d_loss.backward(); opt_d.step()
    for _ in range(2):
        on_fake = discriminator(generator(torch.randn(n, generator.latent_dim)))
        g_loss = bce(on_fake, torch.ones_like(on_fake))
        opt_g.zero_grad(); g_loss.backward(); opt_g.step()
    return {"d_loss": d_loss.item(), "g_loss": g_loss.item()}
""",
        "mean of both": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    d = discriminator_step(generator, discriminator, opt_d, real)
    g = [generator_step(generator, discriminator, opt_g, real.shape[0]) for _ in range(2)]
    return dict(d_loss=d, g_loss=sum(g) / 2)
""",
        "the first, by keyword": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    d = discriminator_step(generator=generator, discriminator=discriminator, opt_d=opt_d, real=real)
    g = generator_step(generator=generator, discriminator=discriminator, opt_g=opt_g, batch_size=real.size(0))
    generator_step(generator, discriminator, opt_g, batch_size=real.size(0))
    return {"d_loss": d, "g_loss": g, "extra": [1, 2]}
""",
        "losses by name": """
def train_step(generator, discriminator, opt_g, opt_d, real, updates=2):
    generator.train()
    discriminator.train()
    opt_d.zero_grad()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), generator.latent_dim))
    d_loss = discriminator_loss(discriminator(real), discriminator(fake))
    d_loss.backward()
    opt_d.step()
    g_losses = []
    discriminator.requires_grad_(False)
    for _ in range(updates):
        opt_g.zero_grad()
        g_loss = generator_loss(discriminator(generator(torch.randn(len(real), generator.latent_dim))))
        g_loss.backward()
        opt_g.step()
        g_losses.append(g_loss.detach())
    discriminator.requires_grad_(True)
    return {"d_loss": d_loss.detach(), "g_loss": torch.stack(g_losses).mean()}
""",
        "all noise at once": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    generator.train(); discriminator.train()
    z = torch.randn(3, len(real), generator.latent_dim)
    d_loss = discriminator_loss(discriminator(real), discriminator(generator(z[0]).detach()))
    opt_d.zero_grad(); d_loss.backward(); opt_d.step()
    for k in (1, 2):
        g_loss = generator_loss(discriminator(generator(z[k])))
        opt_g.zero_grad(); g_loss.backward(); opt_g.step()
    return {"d_loss": float(d_loss), "g_loss": float(g_loss)}
""",
        "the first fakes for both networks": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    generator.train(); discriminator.train()
    fake = generator(torch.randn(len(real), generator.latent_dim))
    d_loss = discriminator_loss(discriminator(real), discriminator(fake.detach()))
    opt_d.zero_grad(); d_loss.backward(); opt_d.step()
    for k in range(2):
        if k:
            fake = generator(torch.randn(len(real), generator.latent_dim))
        g_loss = generator_loss(discriminator(fake))
        opt_g.zero_grad(); g_loss.backward(); opt_g.step()
    return {"d_loss": d_loss.item(), "g_loss": g_loss.item()}
""",
        "numpy values": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    d = discriminator_step(generator, discriminator, opt_d, real)
    g1 = generator_step(generator, discriminator, opt_g, len(real))
    g2 = generator_step(generator, discriminator, opt_g, len(real))
    return {"g_loss": np.mean([g1, g2]), "d_loss": np.float64(d)}
""",
        "a picture for the log": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    d = discriminator_step(generator, discriminator, opt_d, real)
    for _ in range(2):
        g = generator_step(generator, discriminator, opt_g, len(real))
    generator.eval()
    with torch.no_grad():
        picture = generator(torch.ones(1, generator.latent_dim))
    generator.train()
    return {"d_loss": d, "g_loss": g}
""",
        "pieces of a batch": """
def train_step(generator, discriminator, opt_g, opt_d, real):
    generator.train(); discriminator.train()
    n, d_loss = len(real), 0.0
    opt_d.zero_grad()
    for part in real.split(5):
        fake = generator(torch.randn(len(part), generator.latent_dim)).detach()
        loss = discriminator_loss(discriminator(part), discriminator(fake)) * len(part) / n
        loss.backward()
        d_loss += loss.item()
    opt_d.step()
    g = [generator_step(generator, discriminator, opt_g, n), generator_step(generator, discriminator, opt_g, n)]
    return {"d_loss": d_loss, "g_loss": sum(g) / len(g)}
""",
        "a moving average of the generator, accuracies": """
import copy
averages = {}
def train_step(generator, discriminator, opt_g, opt_d, real):
    d = discriminator_step(generator, discriminator, opt_d, real)
    g = [generator_step(generator, discriminator, opt_g, len(real)) for _ in range(2)]
    average = averages.setdefault(id(generator), copy.deepcopy(generator))
    with torch.no_grad():
        for kept, new in zip(average.parameters(), generator.parameters()):
            kept.lerp_(new, 0.01)
        accuracy = (discriminator(real) > 0).float().mean().item()
    return {"d_loss": d, "g_loss": g[-1], "accuracy": accuracy}
""",
        "one's own copies of the steps": """
def update_d(generator, discriminator, opt_d, real):
    discriminator.train()
    with torch.no_grad():
        fake = generator(torch.randn(len(real), generator.latent_dim))
    loss = F.softplus(-discriminator(fake) * -1).mean() + (F.softplus(discriminator(real)) - 0.9 * discriminator(real)).mean()
    opt_d.zero_grad(); loss.backward(); opt_d.step()
    return loss.item()
def update_g(generator, discriminator, opt_g, n):
    generator.train()
    parameters = list(generator.parameters())
    loss = F.softplus(-discriminator(generator(torch.randn(n, generator.latent_dim)))).mean()
    for p, g in zip(parameters, torch.autograd.grad(loss, parameters)):
        p.grad = g
    opt_g.step()
    return loss.item()
def train_step(generator, discriminator, opt_g, opt_d, real):
    return {"d_loss": update_d(generator, discriminator, opt_d, real), "g_loss": [update_g(generator, discriminator, opt_g, len(real)) for _ in "ab"][-1]}
""",
    },
}
