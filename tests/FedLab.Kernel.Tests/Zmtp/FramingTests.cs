using System.Buffers;
using FedLab.Kernel.Zmtp;
using FsCheck;
using FsCheck.Fluent;

namespace FedLab.Kernel.Tests.Zmtp;

public sealed class FramingTests
{
    private static readonly ZmtpLimits Limits = new() { MessageBytes = 1 << 20, MessageFrames = 8, IncomingBytes = 2 << 20 };

    [Fact]
    public void What_is_written_is_read_again_however_the_bytes_arrive()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[][]>(), ArbMap.Default.ArbFor<PositiveInt>(), (frames, chunk) =>
        {
            if (frames.Length is 0 or > 8) return true;
            // Around the lengths where the header changes its form.
            frames[0] = new byte[253 + frames[0].Length % 5];
            var reader = Reader(new MemoryStream(Message(frames)), chunk.Get, out var budget);
            var read = reader.ReadMessageAsync(default).AsTask().GetAwaiter().GetResult();
            reader.Release();
            return read!.Count == frames.Length && read.Zip(frames).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)) && budget.Free == Limits.IncomingBytes;
        }).Search();
    }

    [Fact]
    public void Any_bytes_are_a_message_or_refused_and_nothing_else_happens()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            var reader = Reader(new MemoryStream(bytes), 7, out var budget);
            try
            {
                while (reader.ReadMessageAsync(default).AsTask().GetAwaiter().GetResult() is not null) reader.Release();
            }
            catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
            {
            }
            reader.Release();
            return budget.Free == Limits.IncomingBytes;
        }).Search();
    }

    [Theory]
    [InlineData("00 05 01", typeof(EndOfStreamException))] // Cut off.
    [InlineData("02 FF FF FF FF FF FF FF FF", typeof(InvalidDataException))] // 2⁶⁴ − 1 bytes.
    [InlineData("02 00 00 00 00 00 10 00 01", typeof(InvalidDataException))] // One byte more than a message may have.
    [InlineData("08 00", typeof(InvalidDataException))] // A flag that does not exist.
    [InlineData("05 00", typeof(InvalidDataException))] // A command that another frame follows.
    [InlineData("01 00 04 00", typeof(InvalidDataException))] // A command inside a message.
    [InlineData("01 00 01 00 01 00 01 00 01 00 01 00 01 00 01 00 00 00", typeof(InvalidDataException))] // Nine frames.
    [InlineData("01 00", typeof(EndOfStreamException))] // The end where another frame should be.
    public async Task Malformed_frames_are_refused(string bytes, Type expected)
    {
        var reader = Reader(new MemoryStream(Convert.FromHexString(bytes.Replace(" ", ""))), 64, out _);
        await Assert.ThrowsAsync(expected, async () => await reader.ReadMessageAsync(default));
    }

    [Fact]
    public async Task A_claimed_length_allocates_nothing()
    {
        byte[] claim = [2, 0, 0, 0, 0, 0x03, 0xFF, 0xFF, 0xFF, 1, 2, 3];
        var limits = new ZmtpLimits();
        var reader = new ZmtpReader(new MemoryStream(claim), limits, new IncomingBudget(limits.IncomingBytes));
        var before = GC.GetAllocatedBytesForCurrentThread();
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await reader.ReadMessageAsync(default));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public async Task All_peers_together_cannot_begin_more_than_the_budget()
    {
        var budget = new IncomingBudget(100 << 10);
        var content = new byte[80 << 10];
        var first = new ZmtpReader(new MemoryStream(Message([content])), Limits, budget);
        var second = new ZmtpReader(new MemoryStream(Message([content])), Limits, budget);
        Assert.NotNull(await first.ReadMessageAsync(default));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await second.ReadMessageAsync(default));
        second.Release();
        first.Release();
        Assert.Equal(100 << 10, budget.Free);
    }

    [Fact]
    public void Ready_commands_are_read_or_refused()
    {
        var command = ZmtpWire.ReadyCommand("DEALER");
        Assert.Equal([], ZmtpWire.ParseReady(command.AsSpan(2), ["DEALER"]));
        Assert.Throws<InvalidDataException>(() => ZmtpWire.ParseReady(ZmtpWire.ReadyCommand("PULL").AsSpan(2), ["DEALER"]));
        byte[] named = [.. command.AsSpan(2), 8, .. "IDENTITY"u8, 0, 0, 0, 3, 7, 8, 9];
        Assert.Equal([7, 8, 9], ZmtpWire.ParseReady(named, ["DEALER"]));
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<PositiveInt>(), (bytes, cut) =>
        {
            byte[] hostile = [.. command.AsSpan(2, Math.Min(cut.Get, command.Length - 2)), .. bytes];
            try
            {
                ZmtpWire.ParseReady(hostile, ["DEALER"]);
            }
            catch (InvalidDataException)
            {
            }
            return true;
        }).Search();
    }

    [Fact]
    public void Greetings_of_other_protocols_are_refused()
    {
        ZmtpWire.CheckGreeting(ZmtpWire.Greeting());
        foreach (var (place, value) in new[] { (0, 0x7F), (9, 0), (10, 1), (12, (int)'P'), (16, (int)'X') })
        {
            var greeting = ZmtpWire.Greeting();
            greeting[place] = (byte)value;
            Assert.Throws<InvalidDataException>(() => ZmtpWire.CheckGreeting(greeting));
        }
    }

    internal static byte[] Message(IReadOnlyList<byte[]> frames)
    {
        var buffer = new ArrayBufferWriter<byte>();
        for (var index = 0; index < frames.Count; index++)
        {
            ZmtpWire.WriteHeader(buffer, frames[index].Length, index < frames.Count - 1);
            buffer.Write(frames[index]);
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static ZmtpReader Reader(Stream stream, int chunk, out IncomingBudget budget) => new(new ChunkedStream(stream, chunk), Limits, budget = new IncomingBudget(Limits.IncomingBytes));

    /// <summary>Gives no more than so many bytes at a time, as networks do.</summary>
    private sealed class ChunkedStream(Stream inner, int chunk) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(count, chunk));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
