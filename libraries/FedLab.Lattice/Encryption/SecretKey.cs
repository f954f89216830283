using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>A uniform ternary secret polynomial. It never leaves the process, is held in memory that the collector does not copy, and is zeroed on disposal.</summary>
/// <remarks>
/// Disposal while another thread encrypts or decrypts waits for nobody: the operation under way finishes with the key intact
/// and the last one out zeroes it; a half-zeroed key would send plaintext in the clear.
/// </remarks>
public sealed class SecretKey : IDisposable
{
    private readonly AlignedBuffer _evaluation;
    private readonly long[] _rotations;

    /// <summary>Operations under way; the sign bit says that the key is disposed.</summary>
    private int _uses;

    private SecretKey(LatticeContext context, AlignedBuffer evaluation, long[] rotations)
    {
        Context = context;
        _evaluation = evaluation;
        _rotations = rotations;
    }

    /// <summary>The ring of the key.</summary>
    public LatticeContext Context { get; }

    /// <summary>The evaluation form, balanced. Only within <see cref="Use"/>.</summary>
    internal Span<double> Evaluation => _evaluation.Span;

    /// <summary>
    /// 2N integers E with E[N-1-t+i] the factor of c[i] in coefficient t of c·s modulo X^N + 1: s reversed, then its negative.
    /// Only within <see cref="Use"/>.
    /// </summary>
    internal ReadOnlySpan<long> Rotations => _rotations;

    /// <summary>Draws a key from the operating system's generator.</summary>
    /// <param name="context">The ring.</param>
    /// <returns>A fresh key.</returns>
    public static SecretKey Generate(LatticeContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var degree = context.Degree;
        var evaluation = new AlignedBuffer(context.PolynomialLength);
        var rotations = GC.AllocateArray<long>(2 * degree, pinned: true);
        var secret = evaluation.Span[..degree];
        using (var stream = KeyedStream.CreateRandom())
            TernarySampler.Fill(stream, secret);
        for (var i = 0; i < degree; i++)
        {
            rotations[degree - 1 - i] = (long)secret[i];
            rotations[2 * degree - 1 - i] = -(long)secret[i];
        }

        for (var i = 1; i < context.Tables.Length; i++)
            secret.CopyTo(evaluation.Span[(i * degree)..]);
        context.Forward(evaluation.Span);
        return new SecretKey(context, evaluation, rotations);
    }

    /// <summary>Zeroes the key, at once or when the operations under way have ended. Later use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Or(ref _uses, int.MinValue) == 0)
            Zero();
    }

    /// <summary>Keeps the key from being zeroed until the returned value is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The key is disposed.</exception>
    internal KeyUse Use()
    {
        for (var uses = Volatile.Read(ref _uses); ;)
        {
            ObjectDisposedException.ThrowIf(uses < 0, this);
            var seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
                return new KeyUse(this);
            uses = seen;
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _uses) == int.MinValue)
            Zero();
    }

    private void Zero()
    {
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_evaluation.Span));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_rotations.AsSpan()));
    }

    /// <summary>One operation with the key.</summary>
    internal readonly ref struct KeyUse(SecretKey key) : IDisposable
    {
        public void Dispose() => key.Release();
    }
}
