using FedLab.Curve25519.Field;

namespace FedLab.Curve25519;

/// <summary>The ways to compute on batches; all give the same bytes.</summary>
internal enum LanePath
{
    /// <summary>One point at a time, 64-bit limbs; on every processor.</summary>
    Scalar,

    /// <summary>Four lanes, AVX2.</summary>
    Vector256,

    /// <summary>Eight lanes, AVX-512F.</summary>
    Vector512,
}

/// <summary>Which ways this processor offers.</summary>
internal static class LanePaths
{
    /// <summary>The widest first.</summary>
    public static IReadOnlyList<LanePath> Supported { get; } =
        [.. new[] { LanePath.Vector512, LanePath.Vector256, LanePath.Scalar }.Where(IsSupported)];

    public static LanePath Widest => Supported[0];

    private static bool IsSupported(LanePath path) => path switch
    {
        LanePath.Vector512 => Operations512.IsSupported,
        LanePath.Vector256 => Operations256.IsSupported,
        _ => true,
    };
}
