using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>One or more independent, uniform ternary secret polynomials. They never leave the process, are held in memory that the collector does not copy, and are zeroed on disposal.</summary>
/// <remarks>
/// <para>With n secrets, n messages share one uniform mask: (a, -a·s_1 + e_1 + m_1, …, -a·s_n + e_n + m_n), as in the packed encryption
/// of Peikert, Vaikuntanathan and Waters (CRYPTO 2008, section 7). By a hybrid argument over the secrets it is as hard to tell from
/// uniform as n separate samples; what is computed on the mask (a product, an answer) is computed and sent once for all n.</para>
/// <para>Generation takes the same time for every key: the sampler has no branch on what it keeps (<see cref="TernarySampler"/>), and the transforms are the same
/// additions and fused multiply-adds for all values, without a table index, a division or a branch on them.</para>
/// <para>Disposal while another thread encrypts or decrypts waits for nobody: the operation under way finishes with the key intact
/// and the last one out zeroes it; a half-zeroed key would send plaintext in the clear.</para>
/// </remarks>
public sealed class SecretKey : IDisposable
{
    private readonly AlignedBuffer _evaluation;
    private readonly long[] _rotations;

    /// <summary>Most secrets of a key: the answers and public key of so many stay of a reasonable size.</summary>
    public const int MaximumMessages = 64;

    /// <summary>Operations under way; the sign bit says that the key is disposed.</summary>
    private int _uses;

    private SecretKey(LatticeContext context, int messages, AlignedBuffer evaluation, long[] rotations)
    {
        Context = context;
        Messages = messages;
        _evaluation = evaluation;
        _rotations = rotations;
    }

    /// <summary>The ring of the key.</summary>
    public LatticeContext Context { get; }

    /// <summary>Number of secrets: how many messages can share a mask.</summary>
    public int Messages { get; }

    /// <summary>The evaluation forms, balanced, side by side. Only within <see cref="Use"/>.</summary>
    internal Span<double> Evaluation => _evaluation.Span;

    /// <summary>
    /// For each secret 2N integers E with E[N-1-t+i] the factor of c[i] in coefficient t of c·s modulo X^N + 1: s reversed, then its
    /// negative. Only within <see cref="Use"/>.
    /// </summary>
    internal ReadOnlySpan<long> Rotations => _rotations;

    /// <summary>Draws a key from the operating system's generator.</summary>
    /// <param name="context">The ring.</param>
    /// <param name="messages">Number of secrets, 1 to <see cref="MaximumMessages"/>.</param>
    /// <returns>A fresh key.</returns>
    public static SecretKey Generate(LatticeContext context, int messages = 1)
    {
        ArgumentNullException.ThrowIfNull(context);
        CheckMessages(messages);
        var degree = context.Degree;
        var evaluation = new AlignedBuffer(messages * context.PolynomialLength);
        var rotations = GC.AllocateArray<long>(messages * 2 * degree, pinned: true);
        using var stream = KeyedStream.CreateRandom();
        for (var message = 0; message < messages; message++)
        {
            var polynomial = evaluation.Span.Slice(message * context.PolynomialLength, context.PolynomialLength);
            TernarySampler.Fill(stream, polynomial[..degree]);
            Expand(context, polynomial, rotations.AsSpan(message * 2 * degree, 2 * degree));
        }

        return new SecretKey(context, messages, evaluation, rotations);
    }

    /// <summary>A key of one given secret, N integers of small magnitude (a share of a sum, a key that was read). The caller zeroes its copy.</summary>
    internal static SecretKey FromCoefficients(LatticeContext context, ReadOnlySpan<double> secret)
    {
        if (secret.Length != context.Degree)
            throw new ArgumentException($"A secret has {context.Degree} coefficients, not {secret.Length}.", nameof(secret));
        var evaluation = new AlignedBuffer(context.PolynomialLength);
        var rotations = GC.AllocateArray<long>(2 * context.Degree, pinned: true);
        secret.CopyTo(evaluation.Span);
        Expand(context, evaluation.Span, rotations);
        return new SecretKey(context, 1, evaluation, rotations);
    }

    /// <summary>
    /// Some of the secrets, in a ring of the first primes of this one: a scan's ciphertexts live in the data primes alone, the keys that pack its
    /// answers in all of them.
    /// </summary>
    /// <param name="context">A ring of the same degree whose primes are the first of this key's.</param>
    /// <param name="first">The first secret.</param>
    /// <param name="count">How many.</param>
    /// <returns>A key of its own, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The primes are not the first of this key's, or there are not so many secrets.</exception>
    public SecretKey Select(LatticeContext context, int first, int count)
    {
        ArgumentNullException.ThrowIfNull(context);
        CheckMessages(count);
        if (first < 0 || first + count > Messages)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"The key has {Messages} secrets.");
        if (context.Degree != Context.Degree || context.Tables.Length > Context.Tables.Length || !context.Parameters.Primes.SequenceEqual(Context.Parameters.Primes.Take(context.Tables.Length)))
            throw new ArgumentException("The primes of the ring must be the first ones of the key's ring, at the same degree.", nameof(context));
        var evaluation = new AlignedBuffer(count * context.PolynomialLength);
        var rotations = GC.AllocateArray<long>(count * 2 * context.Degree, pinned: true);
        using (Use())
        {
            for (var i = 0; i < count; i++)
                Evaluation.Slice((first + i) * Context.PolynomialLength, context.PolynomialLength).CopyTo(evaluation.Span[(i * context.PolynomialLength)..]);
            Rotations.Slice(first * 2 * context.Degree, rotations.Length).CopyTo(rotations);
        }

        return new SecretKey(context, count, evaluation, rotations);
    }

    /// <summary>From the coefficients in the first row: the rotations, and the evaluation form modulo every prime.</summary>
    private static void Expand(LatticeContext context, Span<double> polynomial, Span<long> rotation)
    {
        var degree = context.Degree;
        var secret = polynomial[..degree];
        for (var i = 0; i < degree; i++)
        {
            rotation[degree - 1 - i] = (long)secret[i];
            rotation[2 * degree - 1 - i] = -(long)secret[i];
        }

        for (var i = 1; i < context.Tables.Length; i++)
            secret.CopyTo(polynomial[(i * degree)..]);
        context.Forward(polynomial);
    }

    /// <summary>Refuses a number of messages outside 1 to <see cref="MaximumMessages"/>.</summary>
    internal static void CheckMessages(int messages)
    {
        if (messages is < 1 or > MaximumMessages)
            throw new ArgumentOutOfRangeException(nameof(messages), messages, $"1 to {MaximumMessages} messages can share a mask.");
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
