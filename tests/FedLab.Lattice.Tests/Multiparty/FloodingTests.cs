using System.Numerics;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Tests.Multiparty;

public class FloodingTests
{
    private static readonly LatticeContext Context = new(LatticeParameters.Create(8192, 4, 50));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(40)]
    [InlineData(51)]
    [InlineData(63)]
    [InlineData(80)]
    [InlineData(100)]
    public void Floods_are_uniform_on_the_whole_width_and_the_same_modulo_every_prime(int widthBits)
    {
        var rows = new double[4 * 8192];
        var high = new double[8192];
        var low = new double[8192];
        const int draws = 4;
        const int cells = 32;
        var counts = new double[cells];
        var lowBits = new double[2];
        BigInteger sum = 0, least = 0, most = 0;
        var width = BigInteger.One << widthBits;
        for (var draw = 0; draw < draws; draw++)
        {
            using (var stream = KeyedStream.CreateRandom())
                WideFloodSampler.Fill(Context, stream, widthBits, 4, high, low, rows);
            foreach (var value in WhiteBox.Compose(Context, rows))
            {
                Assert.True(value >= -width && value < width);
                (sum, least, most) = (sum + value, BigInteger.Min(least, value), BigInteger.Max(most, value));
                counts[(int)((value + width) * Math.Min(cells, 1 << Math.Min(widthBits + 1, 5)) / (2 * width))]++;
                lowBits[(int)(value & 1)]++;
            }
        }

        const double samples = draws * 8192.0;
        var used = Math.Min(cells, 1 << Math.Min(widthBits + 1, 5));
        ChiSquare.AssertUniform(counts[..used]);
        Assert.InRange(lowBits[0], (samples / 2) - (7 * Math.Sqrt(samples) / 2), (samples / 2) + (7 * Math.Sqrt(samples) / 2));

        // The mean of uniform integers of [-F, F) is -½ with deviation F/√(3·samples).
        Assert.InRange((double)sum / samples, -0.5 - (7 * (double)width / Math.Sqrt(3 * samples)), -0.5 + (7 * (double)width / Math.Sqrt(3 * samples)));
        if (widthBits > 10)
            Assert.True((double)least < -0.995 * (double)width && (double)most > 0.995 * (double)width);
    }

    [Fact]
    public void A_flood_exceeds_the_noise_of_all_coefficients_by_forty_bits()
    {
        foreach (var (noise, coefficients) in new[] { (0.0, 1), (1.0, 1), (1023.9, 1), (1024.0, 1), (1e6, 8192), (Math.ScaleB(1, 46), 8192) })
        {
            var flooding = new Flooding(noise, coefficients);
            var hidden = Math.Max(noise, 1) * coefficients;
            Assert.InRange(flooding.Width / hidden, Math.ScaleB(1, 40), Math.ScaleB(1, 41) * (1 + 1e-9));
            Assert.Equal(flooding.Width * 5, flooding.Total(5).WorstCase);
        }

        Assert.Equal(new Flooding(1000, 8192).WidthBits + 24, new Flooding(1000, 8192, 64).WidthBits);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Flooding(1000, 8192, 39));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Flooding(double.NaN, 8192));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Flooding(-1, 8192));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Flooding(1, 0));
        Assert.Contains("rescaling", Assert.Throws<ArgumentException>(() => new Flooding(Math.ScaleB(1, 48), 8192)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Flooding(1, 1, 101));
    }

    [Fact]
    public void A_share_is_refused_where_the_modulus_cannot_hold_message_and_flood()
    {
        var context = new FedLab.Lattice.Evaluation.CkksContext(Context);
        var message = Math.ScaleB(1, 60);

        // 2^50: no room. 2^100: floods of 2^65 and a message of 2^60. A message of 2^99 takes it all.
        Assert.Contains("higher level", Assert.Throws<ArgumentException>(() => new KeySwitchToSecretKeyProtocol(context, PartySet.All(3), 0, 1000, 1)).Message, StringComparison.Ordinal);
        Assert.Equal(63, new KeySwitchToSecretKeyProtocol(context, PartySet.All(3), 1, 1000, message).Flooding.WidthBits);
        Assert.Throws<ArgumentException>(() => new KeySwitchToSecretKeyProtocol(context, PartySet.All(3), 1, 1000, Math.ScaleB(1, 99)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeySwitchToSecretKeyProtocol(context, PartySet.All(3), 1, 1000, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeySwitchToSecretKeyProtocol(context, PartySet.All(3), 3, 1000, message));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeySwitchToSecretKeyProtocol(context, PartySet.All(3), 1, 1000, message, statisticalBits: 30));
    }
}
