using FsCheck;
using FsCheck.Fluent;
using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class StatusTextTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("100%", "100%25")]
    [InlineData("不行", "%E4%B8%8D%E8%A1%8C")]
    [InlineData("a\r\n\0\u007f", "a%0D%0A%00%7F")]
    [InlineData("~!\"#$&", "~!\"#$&")]
    [InlineData("", "")]
    public void Messages_are_percent_encoded_outside_the_allowed_set(string text, string wire)
    {
        Assert.Equal(wire, StatusText.EncodeMessage(text));
        Assert.Equal(text, StatusText.DecodeMessage(wire));
    }

    [Fact]
    public void Every_short_text_comes_back() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            var wire = StatusText.EncodeMessage(text.Get);
            var valid = new string([.. text.Get.EnumerateRunes().SelectMany(r => r.ToString())]); // lone surrogates become U+FFFD
            return wire.All(c => c is >= ' ' and <= '~') && (wire.Length == StatusText.MaxEncodedLength || StatusText.DecodeMessage(wire) == valid);
        }).Search();

    [Fact]
    public void Decoding_never_fails() =>
        Prop.ForAll<NonNull<string>>(text => StatusText.DecodeMessage("%" + text.Get + "%4") is not null).Search();

    [Fact]
    public void Long_messages_are_cut_between_characters()
    {
        var wire = StatusText.EncodeMessage(new string('%', 10_000));
        Assert.InRange(wire.Length, StatusText.MaxEncodedLength - 2, StatusText.MaxEncodedLength);
        Assert.Equal(new string('%', wire.Length / 3), StatusText.DecodeMessage(wire));
        Assert.Equal(new string('x', StatusText.MaxEncodedLength), StatusText.EncodeMessage(new string('x', 10_000)));
    }

    [Fact]
    public void Raw_utf8_that_came_as_latin1_is_understood() =>
        Assert.Equal("不行", StatusText.DecodeMessage(new string([.. System.Text.Encoding.UTF8.GetBytes("不行").Select(b => (char)b)])));

    [Theory]
    [InlineData("0", StatusCode.OK)]
    [InlineData("16", StatusCode.Unauthenticated)]
    [InlineData("17", StatusCode.Unknown)]
    [InlineData("", StatusCode.Unknown)]
    [InlineData(" 1", StatusCode.Unknown)]
    public void Codes_are_read(string code, StatusCode expected) => Assert.Equal(expected, StatusText.ParseStatus(code, null).StatusCode);
}
