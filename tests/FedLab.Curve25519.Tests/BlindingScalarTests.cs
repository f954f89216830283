using System.Globalization;
using System.Numerics;

namespace FedLab.Curve25519.Tests;

public sealed class BlindingScalarTests
{
    private static readonly BigInteger L = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", CultureInfo.InvariantCulture);

    [Fact]
    public void Generated_scalars_are_multiples_of_eight_in_range_and_fill_it()
    {
        var largest = BigInteger.Zero;
        var seen = new HashSet<BigInteger>();
        for (var i = 0; i < 400; i++)
        {
            using var scalar = BlindingScalar.Generate();
            var value = new BigInteger(scalar.ToBytes(), isUnsigned: true);
            Assert.True(value % 8 == 0 && value > 0 && value / 8 < L);
            Assert.True(seen.Add(value));
            largest = BigInteger.Max(largest, value / 8);
        }

        // Uniform scalars all stay below nine tenths of the range with probability 0.9^400 < 2^-60.
        Assert.True(largest > L * 9 / 10);
    }

    [Fact]
    public void A_scalar_comes_back_from_its_bytes()
    {
        using var scalar = BlindingScalar.Generate();
        using var again = BlindingScalar.FromBytes(scalar.ToBytes());
        Assert.Equal(scalar.ToBytes(), again.ToBytes());
    }

    [Fact]
    public void Bytes_that_are_no_scalar_are_refused()
    {
        foreach (var value in (BigInteger[])[0, 1, 4, 7, 9, 8 * L, 8 * L + 8, (BigInteger.One << 256) - 8, (BigInteger.One << 256) - 1])
        {
            var bytes = new byte[32];
            value.TryWriteBytes(bytes, out _, isUnsigned: true);
            Assert.Throws<ArgumentException>(() => BlindingScalar.FromBytes(bytes));
        }

        Assert.Throws<ArgumentException>(() => BlindingScalar.FromBytes(new byte[31]));
        Assert.Throws<ArgumentException>(() => BlindingScalar.FromBytes(new byte[33]));
    }

    [Fact]
    public void A_disposed_scalar_is_zero_and_of_no_use()
    {
        var scalar = BlindingScalar.Generate();
        var memory = scalar.Bytes;
        scalar.Dispose();
        Assert.Equal(new byte[32], memory.ToArray());
        Assert.Throws<ObjectDisposedException>(scalar.ToBytes);
        Assert.Throws<ObjectDisposedException>(() => PointBatch.Multiply(scalar, new byte[32], new byte[32], CancellationToken.None));
    }
}
