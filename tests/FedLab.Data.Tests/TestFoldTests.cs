using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Data.Tests;

public sealed class TestFoldTests
{
    [Fact]
    public void The_fold_is_the_digest_as_a_big_endian_integer_modulo_the_number_of_folds() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<string>().Filter(key => key is not null),
            ArbMap.Default.ArbFor<PositiveInt>(),
            (key, folds) =>
            {
                var digest = new BigInteger(SHA256.HashData(Encoding.UTF8.GetBytes(key)), isUnsigned: true, isBigEndian: true);
                var expected = (int)(digest % folds.Get);
                return TestFold.Of(key, folds.Get) == expected && TestFold.IsInFold(key, expected, folds.Get);
            }).Search();

    [Fact]
    public void Folds_outside_the_range_are_programming_errors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TestFold.IsInFold("a", 5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestFold.IsInFold("a", -1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestFold.Of("a", 0));
    }
}
