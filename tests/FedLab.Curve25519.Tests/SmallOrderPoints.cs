namespace FedLab.Curve25519.Tests;

/// <summary>The u-coordinates of Curve25519 and its twist whose order divides 8: 0, 1, p − 1 and the two of order 8.</summary>
public static class SmallOrderPoints
{
    public static IReadOnlyList<string> Canonical { get; } =
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ];

    /// <summary>p, p + 1 and 1 with the top bit set, which RFC 7748 reads as 0 and 1.</summary>
    public static IReadOnlyList<string> NonCanonical { get; } =
    [
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0100000000000000000000000000000000000000000000000000000000000080",
    ];

    public static TheoryData<string> AllEncodings => [.. Canonical, .. NonCanonical];

    public static TheoryData<string> CanonicalEncodings => [.. Canonical];
}
