using System.Numerics;
using System.Security.Cryptography;
using FedLab.Curve25519.Edwards;
using FedLab.Curve25519.Field;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Curve25519.Tests;

/// <summary>Arithmetic modulo the group order and on the Edwards curve.</summary>
public sealed class GroupTests
{
    private static readonly BigInteger L = (BigInteger.One << 252) + BigInteger.Parse("27742317777372353535851937790883648493", System.Globalization.CultureInfo.InvariantCulture);

    private static Gen<BigInteger> Wide { get; } = Gen.OneOf(
        Gen.Elements<BigInteger>(0, 1, L - 1, L, L + 1, 2 * L, (BigInteger.One << 256) - 1, BigInteger.One << 256, (BigInteger.One << 512) - 1, L << 256, (L << 256) - 1),
        ArbMap.Default.GeneratorFor<byte>().ArrayOf(64).Select(bytes => new BigInteger(bytes, isUnsigned: true)));

    [Fact]
    public void Scalars_reduce_multiply_and_add_modulo_the_group_order() => Prop.ForAll(
        Wide.Two().Select(t => (First: t.Item1, Second: t.Item2)).ToArbitrary(),
        Wide.ToArbitrary(),
        (pair, factor) =>
        {
            var small = factor % (BigInteger.One << 256);
            var first = GroupScalar.Reduce(Encode(pair.First, 64));
            var second = GroupScalar.Reduce(Encode(pair.Second, 64));
            return Decode(first) == pair.First % L
                && Decode(first.MultiplyAdd(Encode(small, 32), second)) == (pair.First * small + pair.Second) % L
                && GroupScalar.IsCanonical(Encode(small, 32)) == small < L;
        }).Search();

    [Fact]
    public void Fixed_and_double_base_multiplication_agree()
    {
        for (var i = 0; i < 50; i++)
        {
            var a = GroupScalar.Reduce(RandomNumberGenerator.GetBytes(64));
            var b = GroupScalar.Reduce(RandomNumberGenerator.GetBytes(64));
            var c = GroupScalar.Reduce(RandomNumberGenerator.GetBytes(64));
            var whole = b.MultiplyAdd(Bytes(c), a);
            var point = BasePoint.Multiply(Bytes(c));
            Assert.Equal(Bytes(BasePoint.Multiply(Bytes(whole))), Bytes(BasePoint.MultiplyAddPublic(Bytes(a), Bytes(b), point)));
        }
    }

    [Fact]
    public void Multiples_of_the_base_point_are_the_same_on_both_forms_of_the_curve()
    {
        // The birational map of RFC 7748 section 4.1: u = (1 + y)/(1 − y).
        for (var i = 0; i < 50; i++)
        {
            var scalar = RandomNumberGenerator.GetBytes(32);
            var onMontgomery = new byte[32];
            X25519.PublicKey(scalar, onMontgomery);
            scalar[0] &= 0xf8;
            scalar[31] = (byte)(scalar[31] & 0x7f | 0x40);
            var point = BasePoint.Multiply(scalar);
            var denominator = FieldElement.Carry(point.Z - point.Y);
            FieldPowers<FieldElement>.Invert(in denominator, out var inverse);
            var u = new byte[32];
            (FieldElement.Carry(point.Z + point.Y) * inverse).WriteTo(u);
            Assert.Equal(onMontgomery, u);
        }
    }

    [Theory]
    [InlineData(0, "0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(1, "5866666666666666666666666666666666666666666666666666666666666666")]
    public void Small_multiples_of_the_base_point_are_known(int scalar, string expected)
    {
        Assert.Equal(expected, Convert.ToHexStringLower(Bytes(BasePoint.Multiply(Encode(scalar, 32)))));
    }

    [Fact]
    public void The_order_times_the_base_point_is_the_neutral_element()
    {
        Assert.Equal(Bytes(EdwardsPoint.Identity), Bytes(BasePoint.Multiply(Encode(L, 32))));
        Assert.Equal(Bytes(EdwardsPoint.Identity), Bytes(BasePoint.MultiplyAddPublic(Encode(1, 32), Encode(L - 1, 32), BasePoint.Multiply(Encode(1, 32)))));
    }

    [Fact]
    public void Points_round_trip_through_their_encoding()
    {
        for (var i = 0; i < 50; i++)
        {
            var bytes = Bytes(BasePoint.Multiply(Bytes(GroupScalar.Reduce(RandomNumberGenerator.GetBytes(64)))));
            Assert.True(EdwardsPoint.TryRead(bytes, out var point));
            Assert.Equal(bytes, Bytes(point));
            bytes[31] ^= 0x80;
            Assert.True(EdwardsPoint.TryRead(bytes, out var opposite));
            Assert.Equal(Bytes(point.Negated()), Bytes(opposite));
        }
    }

    private static byte[] Bytes(GroupScalar scalar)
    {
        var bytes = new byte[32];
        scalar.WriteTo(bytes);
        return bytes;
    }

    private static byte[] Bytes(EdwardsPoint point)
    {
        var bytes = new byte[32];
        point.WriteTo(bytes);
        return bytes;
    }

    private static BigInteger Decode(GroupScalar scalar) => new(Bytes(scalar), isUnsigned: true);

    private static byte[] Encode(BigInteger value, int length)
    {
        var bytes = new byte[length];
        value.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}
