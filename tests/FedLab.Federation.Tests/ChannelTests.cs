using System.Text;
using FedLab.Federation.Channels;
using FedLab.Federation.Experiments;
using FedLab.Federation.Runs;
using FedLab.Learning;
using FsCheck.Fluent;

namespace FedLab.Federation.Tests;

public sealed class ChannelTests
{
    private static readonly ExperimentSpec Pair = new() { Name = "pair", Parties = [new("a", PartyRole.Active), new("b", PartyRole.Required)] };

    [Fact]
    public void A_payload_of_any_length_and_any_writes_reads_back_and_seals_and_opens()
    {
        using var alice = new SealingKeys("a", "run", 1);
        using var bob = new SealingKeys("b", "run", 1);
        alice.Add("b", bob.PublicKey);
        bob.Add("a", alice.PublicKey);
        var sequence = 0L;
        Prop.ForAll(Gen.Choose(0, 3_200_000).ToArbitrary(), length =>
        {
            var bytes = new byte[length];
            for (var i = 0; i < length; i++) bytes[i] = (byte)(i * 31 + i / 7);
            using var payload = PayloadBuffer.Of(bytes);
            using var closed = alice.Seal("b", Steps.AlignmentPoints, sequence, payload);
            using var open = bob.Open("a", Steps.AlignmentPoints, sequence, closed);
            sequence++;
            return payload.Length == length && open.ToArray().AsSpan().SequenceEqual(bytes) && !closed.ToArray().AsSpan().StartsWith(bytes.AsSpan(0, Math.Min(length, 64))) | length == 0;
        }).Search(20);
    }

    [Fact]
    public void A_sealed_payload_opens_only_whole_for_its_receiver_its_step_and_its_place()
    {
        using var alice = new SealingKeys("a", "run", 1);
        using var bob = new SealingKeys("b", "run", 1);
        alice.Add("b", bob.PublicKey);
        bob.Add("a", alice.PublicKey);
        using var payload = PayloadBuffer.Of(new byte[2_500_000]);
        using var closed = alice.Seal("b", Steps.SplitRequest, 7, payload);
        var bytes = closed.ToArray();

        Refused(() => bob.Open("a", Steps.SplitAnswer, 7, PayloadBuffer.Of(bytes)));
        Refused(() => bob.Open("a", Steps.SplitRequest, 8, PayloadBuffer.Of(bytes)));
        Refused(() => bob.Open("a", Steps.SplitRequest, 7, PayloadBuffer.Of(bytes.AsSpan(0, PayloadBuffer.SegmentSize + 16))));
        Refused(() => bob.Open("a", Steps.SplitRequest, 7, PayloadBuffer.Of(bytes.AsSpan(0, bytes.Length - 1))));
        bytes[1_500_000] ^= 1;
        Refused(() => bob.Open("a", Steps.SplitRequest, 7, PayloadBuffer.Of(bytes)));

        static void Refused(Func<PayloadBuffer> open) => Assert.Throws<ProtocolException>(open);
    }

    [Theory]
    [InlineData("payload", "is not what its sender signed")]
    [InlineData("signature", "does not hold")]
    [InlineData("class", "must be of class 'public'")]
    [InlineData("step", "does not exist")]
    [InlineData("repeat", "lost, repeated or reordered")]
    [InlineData("sender", "is not a party of this experiment")]
    [InlineData("attempt", "arrived in attempt 1")]
    public async Task An_envelope_that_was_tampered_with_ends_the_attempt_with_a_sentence_that_says_what_is_wrong(string what, string expected)
    {
        using var lab = new TestLab(Pair, Tiny());
        var network = new InMemoryNetwork(["a", "b"]);
        await using var receiver = new PartyChannel(lab.Context("b", 1, network.For("b")));
        await using var sender = new PartyChannel(lab.Context("a", 1, new Tamperer(network.For("a"), what)));

        await sender.SendAsync("b", Steps.Hello, PayloadBuffer.Of("hello"u8), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<ProtocolException>(async () =>
        {
            for (var i = 0; i < 2; i++) (await receiver.ReceiveAsync("a", Steps.Hello, TestContext.Current.CancellationToken)).Dispose();
        });

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_of_another_step_than_the_protocol_expects_is_refused_by_name()
    {
        using var lab = new TestLab(Pair, Tiny());
        var network = new InMemoryNetwork(["a", "b"]);
        await using var receiver = new PartyChannel(lab.Context("b", 1, network.For("b")));
        await using var sender = new PartyChannel(lab.Context("a", 1, network.For("a")));

        await sender.SendAsync("b", Steps.ScanSetup, PayloadBuffer.Of("x"u8), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<ProtocolException>(async () => await receiver.ReceiveAsync("a", Steps.Hello, TestContext.Current.CancellationToken));

        Assert.Equal("'a' sent 'scan.setup' where 'hello' was expected.", error.Message);
    }

    [Fact]
    public void The_signed_bytes_of_a_header_are_its_canonical_json()
    {
        var header = new EnvelopeHeader("run-1", 2, "scan.request", 3, "a", "b", MessageClass.Ciphertext, 5, new byte[32]);

        Assert.Equal($$"""{"attempt":2,"class":"ciphertext","length":5,"receiver":"b","run":"run-1","sender":"a","sequence":3,"sha256":"{{new string('0', 64)}}","step":"scan.request"}""", Encoding.UTF8.GetString(header.SigningBytes()));
    }

    private static Dictionary<string, PartyData> Tiny()
    {
        var data = TestLab.MakeData(["k"], new Table([new NumericColumn("x", [1.0])]), [1]);
        return new() { ["a"] = data, ["b"] = data };
    }

    private sealed class Tamperer(IEnvelopeTransport inner, string what) : IEnvelopeTransport
    {
        public async ValueTask SendAsync(Envelope envelope, CancellationToken cancellationToken)
        {
            var header = envelope.Header;
            switch (what)
            {
                case "payload": envelope = envelope with { Payload = PayloadBuffer.Of("hellp"u8) }; break;
                case "signature": envelope.Signature[5] ^= 1; break;
                case "class": envelope = envelope with { Header = header with { Class = MessageClass.Sealed } }; break;
                case "step": envelope = envelope with { Header = header with { Step = "hello2" } }; break;
                case "sender": envelope = envelope with { Header = header with { Sender = "c" } }; break;
                case "attempt": envelope = envelope with { Header = header with { Attempt = 2 } }; break;
                case "repeat": await inner.SendAsync(envelope with { Payload = envelope.Payload.Share() }, cancellationToken); break;
            }
            await inner.SendAsync(envelope, cancellationToken);
        }

        public ValueTask<Envelope> ReceiveAsync(CancellationToken cancellationToken) => inner.ReceiveAsync(cancellationToken);
    }
}
