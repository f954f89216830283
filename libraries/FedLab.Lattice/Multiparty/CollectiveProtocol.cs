using System.Buffers;
using System.Collections.Concurrent;
using FedLab.Lattice.Noise;

namespace FedLab.Lattice.Multiparty;

/// <summary>What all collective protocols share. Each has the same five verbs; once one is read, all are.</summary>
/// <remarks>
/// <code>
/// every party                                             aggregator (any party, or the blind coordinator)
/// AllocateShare
/// SampleCommonPolynomials   (collective keys only)
/// GenerateShare ── ledger: reserve, compute, store ──►    ReadShare
///                                                         Aggregate, once for every party
///                                                         Finish ──► the key or ciphertext
/// </code>
/// <para>Shares are made in constant time: samplers without branches on what they keep, then transforms and products that are the same instructions for every secret,
/// mask, error and flood, in pinned scratch that is zeroed on every way out.</para>
/// <para>Parties follow the protocol (semi-honest): a share carries no proof that it is correct. A protocol object is immutable and thread-safe; a share has one owner.</para>
/// </remarks>
public abstract class CollectiveProtocol
{
    /// <summary>Requests that wait for their next use: as many as shares were ever made at once, and not more than this.</summary>
    private const int MaximumIdleRequests = 16;

    private readonly Ring.BufferPool _shares;
    private readonly ConcurrentQueue<ShareRequest> _requests = new();

    private protected CollectiveProtocol(LatticeContext context, PartySet parties, CollectiveProtocolKind kind, ShareShape shape)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (parties.Count == 0)
            throw new ArgumentException("The set of parties is empty: take PartySet.All or PartySet.Of.", nameof(parties));
        (Context, Parties, Kind, Shape) = (context, parties, kind, shape);
        _shares = new Ring.BufferPool(shape.Length);
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>The parties whose shares are needed.</summary>
    public PartySet Parties { get; }

    /// <summary>The protocol.</summary>
    public CollectiveProtocolKind Kind { get; }

    /// <summary>Noise that the protocol leaves in its result: of each pair of a key, or on top of a ciphertext's own.</summary>
    public abstract NoiseEstimate Noise { get; }

    /// <summary>Bytes of a written share.</summary>
    public int ShareBytes => CollectiveShare.Size(Context, Shape);

    internal ShareShape Shape { get; }

    /// <summary>Room for a share, or for the sum of all.</summary>
    /// <returns>An empty share; the caller disposes it.</returns>
    public CollectiveShare AllocateShare() => new(Context, Kind, Shape, _shares);

    /// <summary>Reads a received share after checking its size, its header and every residue.</summary>
    /// <param name="source">Exactly <see cref="ShareBytes"/> bytes.</param>
    /// <param name="share">Takes it; empty after a refusal.</param>
    /// <exception cref="LatticeFormatException">The bytes are not a share of this protocol among these parties.</exception>
    public void ReadShare(in ReadOnlySequence<byte> source, CollectiveShare share)
    {
        CheckShare(share);
        share.Read(source, Parties);
    }

    /// <summary>Adds a share to a sum.</summary>
    /// <param name="share">Of one party, or a sum of several; not changed.</param>
    /// <param name="sum">An empty share, or the sum so far.</param>
    /// <exception cref="ArgumentException">The shares answer different requests, or a party is in both.</exception>
    public void Aggregate(CollectiveShare share, CollectiveShare sum)
    {
        CheckShare(share);
        CheckShare(sum);
        if (share.Contributors.Mask == 0)
            throw new ArgumentException("The share is empty: generate or read it first.", nameof(share));
        if (sum.Contributors.Mask != 0 && !share.Session.SequenceEqual(sum.Session))
            throw new ArgumentException("The shares answer different requests: their parties, label or ciphertext, or transcripts differ.", nameof(share));
        var both = share.Contributors.Mask & sum.Contributors.Mask;
        if (both != 0)
            throw new ArgumentException($"The parties {new PartySet(both)} are in the sum already: add the share of each party once.", nameof(share));
        sum.Add(share);
    }

    /// <summary>Refuses a share of another protocol object's shape.</summary>
    private protected void CheckShare(CollectiveShare share)
    {
        ArgumentNullException.ThrowIfNull(share);
        if (!ReferenceEquals(share.Context, Context) || share.Protocol != Kind || share.Shape != Shape)
            throw new ArgumentException($"The share is of {share.Protocol} with {share.Shape.Polynomials} polynomials over {share.Shape.Primes} primes, not of {Kind} with {Shape.Polynomials} over {Shape.Primes} in this ring: allocate it with this protocol's AllocateShare.", nameof(share));
    }

    /// <summary>Refuses a sum in which a party is missing.</summary>
    private protected void CheckComplete(CollectiveShare sum)
    {
        CheckShare(sum);
        var missing = Parties.Mask & ~sum.Contributors.Mask;
        if (missing != 0)
            throw new ArgumentException($"The shares of the parties {new PartySet(missing)} are missing from the sum.", nameof(sum));
    }

    /// <summary>Refuses a secret of another ring or of another set of parties.</summary>
    private protected void CheckSecret(PartySecret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (!ReferenceEquals(secret.Context, Context))
            throw new ArgumentException("The secret is of another ring: make it with this context's Lattice.", nameof(secret));
        if (secret.Parties != Parties)
            throw new ArgumentException($"The secret is a summand of the parties {secret.Parties}, the protocol runs among {Parties}.", nameof(secret));
    }

    private static void RequireLedger(ShareBinding binding)
    {
        if (binding.Ledger is null)
            throw new ArgumentException("The binding has no ledger: shares are recorded before they leave.", nameof(binding));
    }

    /// <summary>Everything that must hold before a share is computed; the subjects are spent on return.</summary>
    private protected void Begin(PartySecret secret, ShareRequest request, ShareBinding binding, CollectiveShare share)
    {
        CheckSecret(secret);
        CheckShare(share);
        RequireLedger(binding);

        // A disposed secret is noticed here, before the subject is spent.
        secret.Use().Dispose();
        share.Clear();
        binding.Ledger.Reserve(request);
    }

    /// <summary>A request of this protocol, to be filled in; <see cref="Complete"/> and <see cref="TryResend"/> take it back.</summary>
    private protected ShareRequest RentRequest() => _requests.TryDequeue(out var request) ? request : new ShareRequest(Context, Kind, Parties);

    /// <summary>Makes the share durable; only after this may it leave.</summary>
    private protected void Complete(PartySecret secret, ShareRequest request, ShareBinding binding, CollectiveShare share)
    {
        share.Bind(secret.Party, request.Session);
        var size = share.SerializedSize;
        var bytes = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            share.Write(bytes.AsSpan(0, size));
            binding.Ledger.Store(request, bytes.AsSpan(0, size));
            ReturnRequest(request);
        }
        catch
        {
            // What is not recorded must not leave.
            share.Residues.Clear();
            share.Clear();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Loads the share that was given for a request.</summary>
    private protected bool TryResend(ShareRequest request, ShareBinding binding, CollectiveShare share)
    {
        CheckShare(share);
        RequireLedger(binding);
        var stored = new ArrayBufferWriter<byte>();
        var isKnown = binding.Ledger.TryRead(request, stored);
        ReturnRequest(request);
        if (!isKnown)
            return false;
        share.Read(new ReadOnlySequence<byte>(stored.WrittenMemory), Parties);
        return true;
    }

    private void ReturnRequest(ShareRequest request)
    {
        if (_requests.Count < MaximumIdleRequests)
            _requests.Enqueue(request);
    }
}
