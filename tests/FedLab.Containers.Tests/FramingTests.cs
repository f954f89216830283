using System.Buffers.Binary;
using System.Text;
using FedLab.Containers.Containers;
using FedLab.Containers.Wire;
using FsCheck.Fluent;

namespace FedLab.Containers.Tests;

public sealed class FramingTests
{
    [Fact]
    public void Lines_are_the_same_however_frames_and_reads_cut_them()
    {
        // Each entry: a stream (0 or 1), a frame length and the lengths that reads give.
        var texts = Gen.Elements("", "a", "déjà vu", "企业 信用", new string('x', 40)).ListOf();
        Prop.ForAll(texts.ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), Gen.Choose(1, 5).ToArbitrary(), (lines, frame, read) =>
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
            var framed = bytes.Chunk(frame).SelectMany(piece => Frame(1, piece)).ToArray();
            var back = ReadAll(new SlowStream(framed, read), withTimes: false);
            return back.Select(line => line.Text).SequenceEqual(lines) && back.All(line => !line.IsError);
        }).Search();
    }

    [Fact]
    public void Standard_output_and_standard_error_are_put_together_apart()
    {
        byte[] stream = [.. Frame(1, "to pe"u8), .. Frame(2, "broken\nand m"u8), .. Frame(1, "ople\n"u8), .. Frame(2, "ore"u8)];
        Assert.Equal(
            [new LogLine(null, IsError: true, "broken"), new LogLine(null, IsError: false, "to people"), new LogLine(null, IsError: true, "and more")],
            ReadAll(new MemoryStream(stream), withTimes: false));
    }

    [Fact]
    public void A_line_begins_with_its_time_and_keeps_what_is_none()
    {
        byte[] stream = [.. Frame(1, "2026-11-22T06:17:06.123456789Z listens\nno time here\n"u8)];
        var lines = ReadAll(new MemoryStream(stream), withTimes: true);
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 6, 17, 6, 123, TimeSpan.Zero), lines[0].Time!.Value, TimeSpan.FromMilliseconds(1));
        Assert.Equal("listens", lines[0].Text);
        Assert.Equal(new LogLine(null, IsError: false, "no time here"), lines[1]);
    }

    [Fact]
    public void A_frame_of_four_gigabytes_without_an_end_of_line_takes_no_more_memory_than_a_line()
    {
        var header = new byte[] { 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF };
        byte[] stream = [.. header, .. Enumerable.Repeat((byte)'x', 100_000)];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var lines = ReadAll(new MemoryStream(stream), withTimes: false);
        Assert.Equal(100_000, lines.Sum(line => line.Text.Length));
        Assert.All(lines, line => Assert.InRange(line.Text.Length, 1, LogReader.MaximumLineBytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 << 20);
    }

    [Theory]
    [InlineData("{\"message\":\"no frames\"}")]
    [InlineData("\u0003\0\0\0\0\0\0\u0001x")]
    [InlineData("\u0001\0\0")]
    public void What_is_no_frame_is_refused(string bytes) =>
        Assert.Throws<MalformedStreamException>(() => ReadAll(new MemoryStream(Encoding.Latin1.GetBytes(bytes)), withTimes: false));

    [Fact]
    public void Values_are_given_one_by_one_with_any_white_space_and_any_cut_between_them()
    {
        var text = "{\"message\":\"a\"}{\"message\":\"b } ]\"}\r\n\n {\"message\":\"c\\\"{\"}\n"u8.ToArray();
        for (var size = 1; size <= text.Length; size++) Assert.Equal(["a", "b } ]", "c\"{"], Values(new SlowStream(text, size)));
        Assert.Empty(Values(new MemoryStream(" \n "u8.ToArray())));
    }

    [Theory]
    [InlineData("{\"message\":\"a\"")]
    [InlineData("{\"message\":\"a\"}x")]
    [InlineData("7 8")]
    [InlineData("{\"message\":7}")]
    [InlineData("}{")]
    public void What_is_no_value_is_refused(string text) => Assert.Throws<MalformedStreamException>(() => Values(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void A_value_without_end_is_refused_at_its_limit()
    {
        var endless = new SlowStream([.. "{\"message\":\""u8, .. Enumerable.Repeat((byte)'x', 3 * JsonValues.MaximumValueBytes)], 1 << 16);
        Assert.Throws<MalformedStreamException>(() => Values(endless));
        Assert.InRange(endless.Position, JsonValues.MaximumValueBytes, JsonValues.MaximumValueBytes + (1 << 17));
    }

    private static List<string?> Values(Stream stream) => [.. JsonValues.ReadAsync(stream, EngineJson.Default.WireError, "GET /events", TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken).Select(value => value.Message)];

    private static List<LogLine> ReadAll(Stream stream, bool withTimes) => [.. LogReader.ReadAsync(stream, withTimes, TestContext.Current.CancellationToken).ToBlockingEnumerable(TestContext.Current.CancellationToken)];

    private static byte[] Frame(byte kind, ReadOnlySpan<byte> content)
    {
        var frame = new byte[8 + content.Length];
        frame[0] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)content.Length);
        content.CopyTo(frame.AsSpan(8));
        return frame;
    }

    private sealed class SlowStream(byte[] content, int step) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span[..Math.Min(step, buffer.Length)]));
    }
}
