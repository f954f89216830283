using FedLab.Lattice.Ring;

namespace FedLab.Lattice.Multiparty;

/// <summary>
/// One summand of the collective secret: s = Σ s_i over the parties of a set. Either a party's own secret key, or what the party contributes in a
/// t-out-of-n run (<see cref="ThresholdSecretSharing.ForActiveSet"/>).
/// </summary>
/// <remarks>In pinned memory, zeroed on disposal or, like a <see cref="SecretKey"/>, when the operation under way has ended.</remarks>
public sealed class PartySecret : IDisposable
{
    private readonly SecretKey? _key;
    private readonly AlignedBuffer? _evaluation;

    /// <summary>Operations under way; the sign bit says that the secret is disposed.</summary>
    private int _uses;

    private PartySecret(LatticeContext context, int party, PartySet parties)
    {
        if (!parties.Contains(party))
            throw new ArgumentException($"Party {party} is not one of {parties}.", nameof(party));
        (Context, Party, Parties) = (context, party, parties);
    }

    /// <summary>A party's own key as its summand.</summary>
    /// <param name="key">A key of one secret; it stays the caller's, who disposes it.</param>
    /// <param name="party">The party's number.</param>
    /// <param name="parties">All parties whose keys add up to the collective secret.</param>
    public PartySecret(SecretKey key, int party, PartySet parties)
        : this((key ?? throw new ArgumentNullException(nameof(key))).Context, party, parties)
    {
        if (key.Messages != 1)
            throw new ArgumentException($"Collective protocols take a key of one secret, not of {key.Messages}.", nameof(key));
        _key = key;
    }

    /// <summary>Takes over a rented polynomial with a summand in evaluation form, balanced.</summary>
    internal PartySecret(LatticeContext context, AlignedBuffer evaluation, int party, PartySet parties)
        : this(context, party, parties) => _evaluation = evaluation;

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>The number of the party.</summary>
    public int Party { get; }

    /// <summary>The parties whose summands add up to the collective secret.</summary>
    public PartySet Parties { get; }

    /// <summary>Zeroes the summand, except a key, which its owner disposes. Later use throws <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Or(ref _uses, int.MinValue) == 0)
            Zero();
    }

    /// <summary>Keeps the secret from being zeroed until the returned value is disposed.</summary>
    internal Lease Use()
    {
        for (var uses = Volatile.Read(ref _uses); ;)
        {
            ObjectDisposedException.ThrowIf(uses < 0, this);
            var seen = Interlocked.CompareExchange(ref _uses, uses + 1, uses);
            if (seen == uses)
                break;
            uses = seen;
        }

        try
        {
            return _key is null ? new Lease(this, _evaluation!.Span, default) : new Lease(this, _key.Evaluation, _key.Use());
        }
        catch
        {
            Release();
            throw;
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _uses) == int.MinValue)
            Zero();
    }

    private void Zero()
    {
        if (_evaluation is not null)
            Context.Polynomials.Return(_evaluation, wasSecret: true);
    }

    /// <summary>One operation with the secret.</summary>
    internal readonly ref struct Lease(PartySecret secret, Span<double> evaluation, SecretKey.KeyUse use) : IDisposable
    {
        private readonly SecretKey.KeyUse _use = use;

        /// <summary>Over all primes, evaluation form, balanced.</summary>
        public Span<double> Evaluation { get; } = evaluation;

        public void Dispose()
        {
            if (secret._key is not null)
                _use.Dispose();
            secret.Release();
        }
    }
}
