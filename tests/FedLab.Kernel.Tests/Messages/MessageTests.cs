using System.Text;
using System.Text.Json.Nodes;
using FedLab.Kernel.Messages;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Kernel.Tests.Messages;

public sealed class MessageTests
{
    private static readonly byte[] Key = "a key"u8.ToArray();

    [Fact]
    public void Signatures_are_those_of_RFC_4231()
    {
        // Test case 2, the data in four pieces: a signature is over the parts one behind the other.
        byte[][] parts = ["what do "u8.ToArray(), "ya want "u8.ToArray(), [], "for nothing?"u8.ToArray()];
        var signature = new MessageSigner("Jefe"u8.ToArray()).Sign(parts);
        Assert.Equal("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", Encoding.ASCII.GetString(signature));
    }

    [Fact]
    public void A_message_is_read_as_it_was_written()
    {
        var frames = Written();
        Assert.True(JupyterMessage.TryDecode(frames, new MessageSigner(Key), out var message));
        Assert.Equal(("execute_request", "1 + 1 // 中😀"), (message.Type, message.Content.Text("code")));
        Assert.Equal([[1, 2]], message.Identities);
    }

    [Fact]
    public void A_message_played_again_is_dropped()
    {
        var frames = Written();
        var signer = new MessageSigner(Key);
        Assert.True(JupyterMessage.TryDecode(frames, signer, out _));
        Assert.False(JupyterMessage.TryDecode(frames, signer, out _));
    }

    [Fact]
    public void A_change_of_any_byte_behind_the_delimiter_is_noticed()
    {
        var frames = Written();
        for (var frame = 2; frame < frames.Count; frame++)
        {
            for (var place = 0; place < frames[frame].Length; place++)
            {
                List<byte[]> changed = [.. frames];
                changed[frame] = [.. frames[frame]];
                changed[frame][place] ^= 1;
                Assert.False(JupyterMessage.TryDecode(changed, new MessageSigner(Key), out _));
            }
        }
    }

    [Fact]
    public void Unsigned_and_truncated_messages_are_dropped()
    {
        var frames = Written();
        List<byte[]> unsigned = [.. frames];
        unsigned[2] = [];
        Assert.False(JupyterMessage.TryDecode(unsigned, new MessageSigner(Key), out _));
        for (var count = 0; count < frames.Count; count++) Assert.False(JupyterMessage.TryDecode([.. frames.Take(count)], new MessageSigner(Key), out _));
        Assert.False(JupyterMessage.TryDecode(frames, new MessageSigner("another"u8.ToArray()), out _));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("")]
    public void What_is_signed_but_no_JSON_object_is_dropped(string content)
    {
        var signer = new MessageSigner(Key);
        byte[][] parts = ["{\"msg_type\":\"execute_request\"}"u8.ToArray(), "{}"u8.ToArray(), "{}"u8.ToArray(), Encoding.UTF8.GetBytes(content)];
        Assert.False(JupyterMessage.TryDecode(["<IDS|MSG>"u8.ToArray(), signer.Sign(parts), .. parts], signer, out _));
    }

    [Fact]
    public void Fields_of_another_type_have_their_default()
    {
        var fields = (JsonObject)JsonNode.Parse("""{"code":5,"silent":"yes","cursor_pos":1.5,"half":"\ud800"}""")!;
        Assert.Equal(("", false, null, "x"), (fields.Text("code"), fields.Flag("silent", false), fields.Number("cursor_pos", null), fields.Text("half", "x")));
    }

    [Fact]
    public void Places_are_counted_in_code_points()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), ArbMap.Default.ArbFor<NonNegativeInt>(), (values, place) =>
        {
            var runes = values.Select(value => new Rune(Rune.IsValid(Math.Abs(value % 0x110000)) ? Math.Abs(value % 0x110000) : 'x')).ToArray();
            if (values.Length > 2) runes[1] = new Rune(0x1F600);
            var text = string.Concat(runes);
            var points = Math.Min(place.Get, runes.Length);
            var index = CodePoints.ToIndex(text, points);
            return index == runes.Take(points).Sum(rune => rune.Utf16SequenceLength) && CodePoints.FromIndex(text, index) == points
                && CodePoints.ToIndex(text, int.MaxValue) == text.Length && CodePoints.ToIndex(text, -3) == 0;
        }).Search();
    }

    private static IReadOnlyList<byte[]> Written()
    {
        var message = new MessageFactory(TimeProvider.System).Output(null, "execute_request", new() { ["code"] = "1 + 1 // 中😀" });
        return (message with { Identities = [[1, 2]] }).Encode(new MessageSigner(Key));
    }
}
