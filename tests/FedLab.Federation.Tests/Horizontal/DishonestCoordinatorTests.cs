using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Horizontal;
using FedLab.Federation.Identity;
using FedLab.Lattice;

namespace FedLab.Federation.Tests.Horizontal;

/// <summary>A coordinator that would like one bank's part decrypted in place of the sum: it is caught and named, and no bank helps to decrypt anything.</summary>
public sealed class DishonestCoordinatorTests
{
    private const int Round = 2;

    [Fact]
    public async Task Announcing_one_banks_part_in_place_of_the_sum_is_noticed_by_every_bank()
    {
        using var lab = Lab();
        lab.Forge = (answer, coordinator) => answer.Header.Sequence == Round ? Replaced(lab, answer, coordinator, [PartOf(lab, "bank-1")]) : answer;
        await RefusedAsync(lab, "sum-differs");
    }

    [Fact]
    public async Task Leaving_a_bank_out_of_the_sum_is_noticed_by_every_bank()
    {
        using var lab = Lab();
        lab.Forge = (answer, coordinator) => answer.Header.Sequence == Round ? Replaced(lab, answer, coordinator, [PartOf(lab, "bank-0"), PartOf(lab, "bank-2")]) : answer;
        await RefusedAsync(lab, "sum-differs");
    }

    [Fact]
    public async Task Announcing_an_earlier_sum_again_is_noticed_by_every_bank()
    {
        using var lab = Lab();
        byte[]? earlier = null;
        lab.Forge = (answer, coordinator) =>
        {
            if (answer.Header.Sequence < Round)
            {
                earlier = answer.Payload.ToArray();
                return answer;
            }
            return Signed(answer, coordinator, earlier!);
        };
        await RefusedAsync(lab, "sum-differs");
    }

    [Fact]
    public async Task Withholding_a_banks_part_from_another_is_noticed_by_that_one()
    {
        using var lab = Lab();
        lab.Withhold = (header, receiver) => header.Step == Steps.SumPart.Name && header.Sender == "bank-1" && receiver == "bank-2" && PartsOf(lab, "bank-1") > Round;
        await RefusedAsync(lab, "sum-part-withheld", sharers: ["bank-0", "bank-1"]);
    }

    [Fact]
    public async Task Giving_an_old_part_again_in_place_of_a_new_one_is_noticed_by_its_sequence()
    {
        using var lab = Lab();
        Envelope? old = null;
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => lab.RunAsync(1, TestContext.Current.CancellationToken, (bank, transport) => bank != "bank-0" ? transport : new Rewriting(transport, envelope =>
        {
            if (envelope.Header.Step != Steps.SumPart.Name || envelope.Header.Sender != "bank-1") return envelope;
            if (old is null)
            {
                old = envelope with { Payload = PayloadBuffer.Of(envelope.Payload.ToArray()) };
                return envelope;
            }
            return old with { Payload = PayloadBuffer.Of(old.Payload.ToArray()) };
        })));
        Assert.Equal("sequence-gap", refused.Code);
        Assert.Contains("bank-1", refused.Message, StringComparison.Ordinal);
        Assert.InRange(SharesOf(lab, "bank-0"), 0, 2); // those of the first round alone
    }

    [Fact]
    public async Task An_announcement_by_anyone_else_is_refused()
    {
        using var lab = Lab();
        lab.Forge = (answer, _) => answer with { Signature = lab.IdentityOf("bank-1").Sign(answer.Header.SigningBytes()) };
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => lab.RunAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal("signature-invalid", refused.Code);
        Assert.Equal(0, Shares(lab));
    }

    private static TestLab Lab() => new(Banks.Spec(3, "trees", ("trees", "2")), Banks.Data(120, 100, 80));

    private static async Task RefusedAsync(TestLab lab, string code, params string[] sharers)
    {
        var refused = await Assert.ThrowsAsync<ProtocolException>(() => lab.RunAsync(1, TestContext.Current.CancellationToken));
        Assert.Equal(code, refused.Code);
        Assert.Contains("'coordinator'", refused.Message, StringComparison.Ordinal);
        var denied = lab.Journals.Where(journal => journal.Value.Events.Any(item => item.Type == "policy.denied" && (string)item.Body["rule"] == code && (string)item.Body["party"] == "coordinator")).Select(journal => journal.Key).ToList();
        Assert.NotEmpty(denied);

        // Nobody who was lied to gave a share for the round, so nobody can read it: every one of the three shares is needed.
        foreach (var bank in lab.Present.Except(sharers)) Assert.InRange(SharesOf(lab, bank), 0, 2 * Round);
        Assert.All(lab.Stores.Values, store => Assert.DoesNotContain(BankReport.ModelFileName, store.Names));
    }

    private static int Shares(TestLab lab) => lab.Relayed.Count(item => item.Header.Step == Steps.SumShare.Name);

    private static int SharesOf(TestLab lab, string bank) => lab.Relayed.Count(item => item.Header.Step == Steps.SumShare.Name && item.Header.Sender == bank);

    private static int PartsOf(TestLab lab, string bank) => lab.Relayed.Count(item => item.Header.Step == Steps.SumPart.Name && item.Header.Sender == bank);

    private static byte[] PartOf(TestLab lab, string bank) => lab.Relayed.Last(item => item.Header.Step == Steps.SumPart.Name && item.Header.Sender == bank).Payload;

    /// <summary>What an honest coordinator would announce of other parts.</summary>
    private static Envelope Replaced(TestLab lab, Envelope answer, PartyIdentity coordinator, byte[][] parts)
    {
        var context = new LatticeContext(SumPlanning.PlanOf(lab.Spec).Parameters);
        using var sum = EncryptedValues.Read(new ReadOnlySequence<byte>(parts[0]), "bank", context);
        foreach (var bytes in parts[1..])
        {
            using var part = EncryptedValues.Read(new ReadOnlySequence<byte>(bytes), "bank", context);
            sum.Add(part);
        }
        return Signed(answer, coordinator, sum.Announcement(answer.Header.Run, answer.Header.Attempt));
    }

    private static Envelope Signed(Envelope answer, PartyIdentity coordinator, byte[] payload)
    {
        answer.Dispose();
        var body = PayloadBuffer.Of(payload);
        var header = answer.Header with { Length = body.Length, PayloadHash = body.Hash() };
        return new Envelope(header, coordinator.Sign(header.SigningBytes()), body);
    }

    private sealed class Rewriting(IEnvelopeTransport inner, Func<Envelope, Envelope> rewrite) : IEnvelopeTransport
    {
        public ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken) => inner.SendAsync(envelope, cancellationToken);

        public async ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken) => rewrite(await inner.ReceiveAsync(cancellationToken));
    }
}
