using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace FedLab.Lattice.Ring;

/// <summary>Which kernels a context runs; all give the same bits.</summary>
internal enum VectorPath
{
    /// <summary>One residue at a time; any machine.</summary>
    Scalar,

    /// <summary>Four residues: AVX and FMA.</summary>
    Vector256,

    /// <summary>Eight residues: AVX-512 F.</summary>
    Vector512,
}

internal static class VectorPaths
{
    /// <summary>The widest path that the runtime considers worth using on this machine.</summary>
    public static VectorPath Best =>
        Vector512.IsHardwareAccelerated && IsSupported(VectorPath.Vector512) ? VectorPath.Vector512
        : IsSupported(VectorPath.Vector256) ? VectorPath.Vector256
        : VectorPath.Scalar;

    /// <summary>Whether the instructions of a path exist here.</summary>
    public static bool IsSupported(VectorPath path) => path switch
    {
        VectorPath.Vector512 => Avx512F.IsSupported,
        VectorPath.Vector256 => Avx.IsSupported && Fma.IsSupported,
        _ => true,
    };

    /// <summary>Every path that can run here, widest first.</summary>
    public static IEnumerable<VectorPath> Supported =>
        new[] { VectorPath.Vector512, VectorPath.Vector256, VectorPath.Scalar }.Where(IsSupported);
}
