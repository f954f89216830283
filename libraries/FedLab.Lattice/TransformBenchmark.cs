using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>The transforms modulo one 50-bit prime on one vector width, ready to be measured. One thread at a time.</summary>
public sealed class TransformBenchmark
{
    private readonly TransformTable _table;
    private readonly AlignedBuffer _buffer;
    private readonly RingKernels _kernels;

    private TransformBenchmark(TransformTable table, VectorPath path)
    {
        (_table, _kernels, Path) = (table, RingKernels.For(path), path.ToString());
        _buffer = new AlignedBuffer(table.Degree);
        UniformSampler.Fill(new byte[KeyedStream.KeyBytes], 0, table.Prime, _buffer.Span);
    }

    /// <summary>N.</summary>
    public int Degree => _table.Degree;

    /// <summary>Vector512, Vector256 or Scalar.</summary>
    public string Path { get; }

    /// <summary>Prepares the transforms of one degree.</summary>
    /// <param name="degree">N.</param>
    /// <returns>One for each vector width that this machine has, widest first.</returns>
    public static IReadOnlyList<TransformBenchmark> Create(int degree)
    {
        var table = new TransformTable(degree, NttPrimes.Largest(degree, 1, LatticeBenchmark.PrimeBits)[0]);
        return [.. VectorPaths.Supported.Select(path => new TransformBenchmark(table, path))];
    }

    /// <summary>Coefficients to evaluation form, in place.</summary>
    public unsafe void Forward()
    {
        fixed (double* values = _buffer.Span)
            _kernels.Forward(_table, values, values);
    }

    /// <summary>Evaluation form to coefficients, in place.</summary>
    public unsafe void Inverse()
    {
        fixed (double* values = _buffer.Span)
            _kernels.Inverse(_table, values);
    }
}
