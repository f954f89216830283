using System.Buffers;
using System.Numerics;
using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;
using FedLab.Lattice.Noise;
using FedLab.Lattice.Tests.Evaluation;

namespace FedLab.Lattice.Tests.Multiparty;

/// <summary>n parties in one process: every share goes over its wire form, and the sum of the secrets is known to the test alone.</summary>
internal sealed class LatticeFederation : IDisposable
{
    private readonly SecretKey[] _keys;
    private readonly List<PartySecret> _secrets = [];
    private ThresholdShare[]? _sums;
    private ThresholdSecretSharing? _sharing;

    public LatticeFederation(CkksContext context, int parties)
    {
        Context = context;
        Parties = PartySet.All(parties);
        _keys = [.. Enumerable.Range(0, parties).Select(_ => SecretKey.Generate(context.Lattice))];
        Ledgers = [.. Enumerable.Range(0, parties).Select(_ => new MemoryShareLedger(TimeProvider.System))];
        Secrets = [.. _keys.Select((key, party) => Own(new PartySecret(key, party, Parties)))];
        var sum = new double[context.Degree];
        foreach (var key in _keys)
        {
            var secret = WhiteBox.Secret(key);
            for (var i = 0; i < sum.Length; i++)
                sum[i] += secret[i];
        }

        Collective = SecretKey.FromCoefficients(context.Lattice, sum);
    }

    public CkksContext Context { get; }

    public PartySet Parties { get; }

    public IReadOnlyList<SecretKey> Keys => _keys;

    public IReadOnlyList<PartySecret> Secrets { get; }

    public IReadOnlyList<IShareLedger> Ledgers { get; }

    /// <summary>The sum of all secrets, which in the real protocol exists nowhere.</summary>
    public SecretKey Collective { get; }

    public CommonRandomString Common { get; } = CommonRandomString.Create();

    public static byte[] Transcript { get; } = SHA256.HashData("a run"u8);

    public ShareBinding Binding(int party) => new(Ledgers[party], Transcript);

    public void Share(int threshold)
    {
        _sharing = new ThresholdSecretSharing(Context.Lattice, Parties.Count, threshold);
        _sums = [.. Enumerable.Range(0, Parties.Count).Select(_sharing.AllocateSum)];
        for (var dealer = 0; dealer < Parties.Count; dealer++)
        {
            var shares = _sharing.Deal(_keys[dealer], dealer);
            var bytes = new byte[_sharing.ShareBytes];
            for (var party = 0; party < shares.Count; party++)
            {
                shares[party].Write(bytes);
                using var received = _sharing.ReadShare(bytes, dealer, party);
                _sharing.Aggregate(received, _sums[party]);
                shares[party].Dispose();
            }
        }
    }

    public IReadOnlyList<PartySecret> Active(PartySet active) =>
        [.. active.Members().Select(party => Own(_sharing!.ForActiveSet(_sums![party], active)))];

    /// <summary>Generates a share at every party, sends it and adds it up.</summary>
    public static CollectiveShare Run(CollectiveProtocol protocol, IEnumerable<PartySecret> secrets, Action<PartySecret, CollectiveShare> generate)
    {
        var sum = protocol.AllocateShare();
        foreach (var secret in secrets)
        {
            using var share = protocol.AllocateShare();
            generate(secret, share);
            var wire = new ArrayBufferWriter<byte>();
            share.Write(wire);
            Assert.Equal(protocol.ShareBytes, wire.WrittenCount);
            using var received = protocol.AllocateShare();
            protocol.ReadShare(new ReadOnlySequence<byte>(wire.WrittenMemory), received);
            Assert.Equal(share.Residues.ToArray(), received.Residues.ToArray());
            protocol.Aggregate(received, sum);
        }

        return sum;
    }

    public PublicKey PublicKey(IReadOnlyList<PartySecret>? secrets = null, int attempt = 0)
    {
        secrets ??= Secrets;
        var protocol = new CollectivePublicKeyProtocol(Context.Lattice, secrets[0].Parties);
        var common = protocol.SampleCommonPolynomials(Common, attempt);
        using var sum = Run(protocol, secrets, (secret, share) => protocol.GenerateShare(secret, common, Binding(secret.Party), share));
        return protocol.Finish(sum, common);
    }

    public KeySwitchKey GaloisKey(int element, IReadOnlyList<PartySecret>? secrets = null, int attempt = 0)
    {
        secrets ??= Secrets;
        var protocol = new CollectiveGaloisKeyProtocol(Context, secrets[0].Parties, element);
        var common = protocol.SampleCommonPolynomials(Common, attempt);
        using var sum = Run(protocol, secrets, (secret, share) => protocol.GenerateShare(secret, common, Binding(secret.Party), share));
        return protocol.Finish(sum, common);
    }

    public RelinearisationKey RelinearisationKey(IReadOnlyList<PartySecret>? secrets = null, int attempt = 0)
    {
        secrets ??= Secrets;
        var first = new RelinearisationFirstRound(Context, secrets[0].Parties);
        var second = new RelinearisationSecondRound(Context, first);
        var common = first.SampleCommonPolynomials(Common, attempt);
        var masks = secrets.ToDictionary(secret => secret.Party, _ => first.AllocateMask());
        using var firstSum = Run(first, secrets, (secret, share) => first.GenerateShare(secret, common, Binding(secret.Party), share, masks[secret.Party]));
        using var secondSum = Run(second, secrets, (secret, share) =>
        {
            using var mask = masks[secret.Party];
            second.GenerateShare(secret, mask, common, first.Finish(firstSum), Binding(secret.Party), share);
        });
        return second.Finish(firstSum, secondSum);
    }

    /// <summary>An encryption of given coefficients.</summary>
    public CkksCiphertext Encrypt(PublicKey key, BigInteger[] coefficients, double scale, int? level = null, int capacity = 2)
    {
        using var plaintext = new CkksPlaintext(Context);
        CkksOracle.Write(plaintext, coefficients, level ?? Context.MaximumLevel, scale);
        var ciphertext = new CkksCiphertext(Context, capacity);
        new CkksEncryptor(Context, key).Encrypt(plaintext, ciphertext);
        return ciphertext;
    }

    /// <summary>scale·message + noise.</summary>
    public BigInteger[] Phase(SecretKey key, CkksCiphertext ciphertext)
    {
        using var plaintext = new CkksPlaintext(Context);
        new CkksDecryptor(Context, key).Decrypt(ciphertext, plaintext);
        return CkksOracle.Read(Context, plaintext.Polynomial);
    }

    /// <summary>Errors of b + a·s over all primes.</summary>
    public BigInteger[] Errors(ReadOnlySpan<double> b, ReadOnlySpan<double> a) => WhiteBox.Phase(Collective, b, a);

    public void Dispose()
    {
        foreach (var secret in _secrets)
            secret.Dispose();
        foreach (var key in _keys)
            key.Dispose();
        foreach (var sum in _sums ?? [])
            sum.Dispose();
        Collective.Dispose();
    }

    private PartySecret Own(PartySecret secret)
    {
        _secrets.Add(secret);
        return secret;
    }
}

/// <summary>Statistics of measured noise.</summary>
internal static class Measured
{
    public static double Largest(IEnumerable<BigInteger> noise) => noise.Max(value => (double)BigInteger.Abs(value));

    public static double Deviation(IReadOnlyCollection<BigInteger> noise) => Math.Sqrt(noise.Sum(value => (double)value * (double)value) / noise.Count);

    /// <summary>Below the worst case, and the deviation within 15 % of the prediction.</summary>
    public static void AssertPredicted(NoiseEstimate estimate, IReadOnlyCollection<BigInteger> noise)
    {
        Assert.True(Largest(noise) <= estimate.WorstCase, $"largest {Largest(noise)} above the worst case {estimate.WorstCase}");
        Assert.InRange(Deviation(noise), 0.85 * estimate.StandardDeviation, 1.15 * estimate.StandardDeviation);
        Assert.InRange(estimate.WorstCase, estimate.StandardDeviation, 12 * estimate.StandardDeviation);
    }
}
