using System.Buffers;
using System.Security.Cryptography;
using FedLab.Lattice.Evaluation;
using FedLab.Lattice.Multiparty;

namespace FedLab.Lattice.Tests.Multiparty;

/// <summary>Bytes from outside give a valid share or the documented exception.</summary>
public sealed class ShareWireTests : IDisposable
{
    /// <summary>Cases of each loader; the environment variable raises it for long runs.</summary>
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("FEDLAB_FUZZ_CASES"), out var cases) ? cases : 3000;

    private static readonly CkksContext Context = new(LatticeParameters.Create(2048, [.. Ring.NttPrimes.Largest(2048, 1, 27), .. Ring.NttPrimes.Largest(2048, 1, 25)]));

    private readonly string _folder = Directory.CreateTempSubdirectory("fedlab-shares-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Shares_have_the_documented_size_and_come_back_from_many_segments()
    {
        using var federation = new LatticeFederation(Context, 3);
        var protocol = new CollectiveGaloisKeyProtocol(Context, federation.Parties, 5);
        Assert.Equal(42 + (2048 * (27 + 25) / 8), protocol.ShareBytes);
        var bytes = Share(federation, protocol);
        Assert.Equal([1, (byte)CollectiveProtocolKind.GaloisKey, 2, 0, 0, 0, 0, 0, 0, 0], bytes[..10]);
        using var share = protocol.AllocateShare();
        foreach (var cut in new[] { 0, 1, 40, 1000 })
        {
            protocol.ReadShare(WireTests.Segments(bytes, cut), share);
            Assert.Equal(PartySet.Of(1), share.Contributors);
            Assert.Equal(bytes, WireTests.Bytes(share.Write));
        }
    }

    [Fact]
    public void A_share_of_another_protocol_run_version_or_length_is_refused_and_leaves_the_buffer_empty()
    {
        using var federation = new LatticeFederation(Context, 3);
        var protocol = new CollectiveGaloisKeyProtocol(Context, federation.Parties, 5);
        var bytes = Share(federation, protocol);
        using var share = protocol.AllocateShare();
        protocol.ReadShare(new(bytes), share);
        foreach (var (position, value) in new[] { (0, 2), (1, 1), (2, 0), (2, 8), (9, 128) })
        {
            var changed = bytes.ToArray();
            changed[position] = (byte)value;
            Assert.Throws<LatticeFormatException>(() => protocol.ReadShare(new(changed), share));
            Assert.Equal(0, share.Contributors.Count);
            Assert.Throws<InvalidOperationException>(() => WireTests.Bytes(share.Write));
        }

        Assert.Throws<LatticeFormatException>(() => protocol.ReadShare(new(bytes[..^1]), share));
        Assert.Throws<LatticeFormatException>(() => protocol.ReadShare(new([.. bytes, 0]), share));
        Assert.Throws<LatticeFormatException>(() => protocol.ReadShare(ReadOnlySequence<byte>.Empty, share));

        // A residue equal to its prime.
        var prime = Context.Tables[0].Prime;
        var outside = bytes.ToArray();
        for (var bit = 0; bit < 27; bit++)
            outside[42 + (bit / 8)] = (byte)((outside[42 + (bit / 8)] & ~(1 << (bit % 8))) | ((int)(prime >> bit & 1) << (bit % 8)));
        Assert.Throws<LatticeFormatException>(() => protocol.ReadShare(new(outside), share));
    }

    [Fact]
    public void Padding_of_a_partial_decryption_must_be_zero()
    {
        var context = new CkksContext(LatticeParameters.Create(4096, 3, 35));
        using var federation = new LatticeFederation(context, 1);
        using var ciphertext = federation.Encrypt(federation.PublicKey(), new System.Numerics.BigInteger[4096], 1);
        using var sample = new LweSample(context);
        new LweExtraction(context).Extract(ciphertext, 0, sample);
        var protocol = new PartialDecryptionProtocol(context, federation.Parties, 1, 1, 1000, 1);
        using var share = protocol.AllocateShare();
        protocol.GenerateShare(federation.Secrets[0], [sample], federation.Binding(0), share);
        var bytes = WireTests.Bytes(share.Write);
        Assert.Equal(42 + (2 * 5), bytes.Length);
        protocol.ReadShare(new(bytes), share);
        bytes[46] |= 0x80;
        Assert.Throws<LatticeFormatException>(() => protocol.ReadShare(new(bytes), share));
    }

    [Fact]
    public void Mutated_shares_give_the_documented_exception_or_a_share_that_writes_the_same_bytes()
    {
        using var federation = new LatticeFederation(Context, 3);
        var protocol = new CollectiveGaloisKeyProtocol(Context, federation.Parties, 5);
        var valid = Share(federation, protocol);
        var vectors = new TestVectors(241);
        using var share = protocol.AllocateShare();
        using var sum = protocol.AllocateShare();
        var accepted = 0;
        for (var round = 0; round < Cases; round++)
        {
            var bytes = Mutate(valid, vectors);
            try
            {
                protocol.ReadShare(WireTests.Segments(bytes, vectors.Below(100)), share);
                Assert.Equal(bytes, WireTests.Bytes(share.Write));
                sum.Clear();
                protocol.Aggregate(share, sum);
                accepted++;
            }
            catch (LatticeFormatException)
            {
                Assert.Equal(0, share.Contributors.Count);
            }
        }

        Assert.InRange(accepted, 1, Cases - 1);
    }

    [Fact]
    public void Mutated_secret_shares_give_the_documented_exception_or_a_valid_share()
    {
        using var key = SecretKey.Generate(Context.Lattice);
        var sharing = new ThresholdSecretSharing(Context.Lattice, 3, 2);
        var valid = new byte[sharing.ShareBytes];
        sharing.Deal(key, 1)[2].Write(valid);
        Assert.Equal(8 + (2048 * (27 + 25) / 8), valid.Length);
        Assert.Equal([1, 1, 2, 3, 2, 0, 0, 0], valid[..8]);
        foreach (var (dealer, recipient) in new[] { (0, 2), (1, 1) })
            Assert.Throws<LatticeFormatException>(() => sharing.ReadShare(valid, dealer, recipient));
        Assert.Throws<LatticeFormatException>(() => new ThresholdSecretSharing(Context.Lattice, 3, 3).ReadShare(valid, 1, 2));
        Assert.Throws<LatticeFormatException>(() => new ThresholdSecretSharing(Context.Lattice, 4, 2).ReadShare(valid, 1, 2));
        var vectors = new TestVectors(242);
        var accepted = 0;
        var again = new byte[valid.Length];
        for (var round = 0; round < Cases; round++)
        {
            var bytes = Mutate(valid, vectors);
            try
            {
                using var share = sharing.ReadShare(bytes, 1, 2);
                share.Write(again);
                Assert.Equal(bytes, again);
                accepted++;
            }
            catch (LatticeFormatException)
            {
            }
        }

        Assert.InRange(accepted, 1, Cases - 1);
    }

    [Fact]
    public void A_mutated_ledger_never_gives_a_share_that_it_gave()
    {
        var path = Path.Combine(_folder, "ledger");
        var request = Enumerable.Range(1, 4).Select(subject => new ShareRequest(Context.Lattice, CollectiveProtocolKind.KeySwitchToPublicKey, PartySet.All(3)).ForMasks(
            new double[] { 1, subject, 0, 0, 0, 0, 0, 0 }, 8, SHA256.HashData([1]))).ToArray();
        using (var ledger = FileShareLedger.Create(path, TimeProvider.System))
        {
            foreach (var given in request[..3])
            {
                ledger.Reserve(given);
                ledger.Store(given, [9]);
            }
        }

        var valid = File.ReadAllBytes(path);
        var vectors = new TestVectors(243);
        var opened = 0;
        for (var round = 0; round < Cases / 10; round++)
        {
            // Changes in place; cutting whole records off is a rollback, which a file cannot show (its head in the audit log does).
            var bytes = valid.ToArray();
            for (var change = vectors.Below(3); change >= 0; change--)
                bytes[vectors.Below(bytes.Length)] ^= (byte)(1 << vectors.Below(8));
            File.WriteAllBytes(path, bytes);
            try
            {
                using var ledger = FileShareLedger.Open(path, TimeProvider.System);
                opened++;
                foreach (var given in request[..3])
                    Assert.True(Record.Exception(() => ledger.Reserve(given)) is ShareAlreadyGivenException or ShareLedgerException);
            }
            catch (ShareLedgerException)
            {
            }
        }

        Assert.InRange(opened, 1, (Cases / 10) - 1);
    }

    private static byte[] Share(LatticeFederation federation, CollectiveGaloisKeyProtocol protocol)
    {
        using var share = protocol.AllocateShare();
        protocol.GenerateShare(federation.Secrets[1], protocol.SampleCommonPolynomials(federation.Common), federation.Binding(1), share);
        return WireTests.Bytes(share.Write);
    }

    private static byte[] Mutate(byte[] valid, TestVectors vectors)
    {
        var bytes = valid.ToArray();
        var changes = vectors.Below(3);
        for (var i = 0; i <= changes; i++)
        {
            // Half of the changes in the header, where they matter most.
            var position = vectors.Below(vectors.Below(2) == 0 ? 44 : bytes.Length);
            bytes[position] = vectors.Below(2) == 0 ? (byte)vectors.Below(256) : (byte)(bytes[position] ^ (1 << vectors.Below(8)));
        }

        return vectors.Below(8) switch
        {
            0 => bytes[..vectors.Below(bytes.Length)],
            1 => [.. bytes, .. new byte[vectors.Below(50) + 1]],
            _ => bytes,
        };
    }
}
