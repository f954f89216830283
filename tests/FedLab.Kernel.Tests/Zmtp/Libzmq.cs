using System.Runtime.InteropServices;

namespace FedLab.Kernel.Tests.Zmtp;

/// <summary>A socket of libzmq (Debian: libzmq5), the peer that Jupyter's front ends have.</summary>
internal sealed partial class Libzmq : IDisposable
{
    public const int Sub = 2, Req = 3, Dealer = 5;
    private const int Identity = 5, Subscribe = 6, ReceiveMore = 13, Linger = 17, ReceiveTimeout = 27, SendTimeout = 28;
    private const int SendMore = 2;
    private const string Library = "libzmq.so.5";

    private readonly nint _context = zmq_ctx_new();
    private readonly nint _socket;
    private readonly byte[] _buffer = new byte[16 << 20];

    public Libzmq(int type, int port, string? identity = null, string? subscribe = null, int timeout = 60_000)
    {
        _socket = zmq_socket(_context, type);
        Set(Linger, 0);
        Set(ReceiveTimeout, timeout);
        Set(SendTimeout, timeout);
        if (identity is not null) Check(zmq_setsockopt(_socket, Identity, System.Text.Encoding.ASCII.GetBytes(identity), (nuint)identity.Length));
        Check(zmq_connect(_socket, $"tcp://127.0.0.1:{port}"));
        if (subscribe is not null) Check(zmq_setsockopt(_socket, Subscribe, System.Text.Encoding.ASCII.GetBytes(subscribe), (nuint)subscribe.Length));
    }

    /// <summary>Skips the test where the library is missing, or fails it where nothing may be.</summary>
    public static void Require()
    {
        if (NativeLibrary.TryLoad(Library, out _)) return;
        const string Reason = "libzmq.so.5 is missing; install libzmq5 to run the interoperability tests.";
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FEDLAB_REQUIRE_TOOLS") == "1", Reason);
        Assert.Fail(Reason);
    }

    public void Send(params byte[][] frames)
    {
        for (var index = 0; index < frames.Length; index++) Check(zmq_send(_socket, frames[index], (nuint)frames[index].Length, index < frames.Length - 1 ? SendMore : 0));
    }

    /// <summary>The next message; null where none comes in time.</summary>
    public List<byte[]>? Receive()
    {
        var frames = new List<byte[]>();
        while (true)
        {
            var length = zmq_recv(_socket, _buffer, (nuint)_buffer.Length, 0);
            if (length < 0) return null;
            frames.Add(_buffer.AsSpan(0, length).ToArray());
            nuint size = sizeof(int);
            Check(zmq_getsockopt(_socket, ReceiveMore, out var more, ref size));
            if (more == 0) return frames;
        }
    }

    public void Dispose()
    {
        _ = zmq_close(_socket);
        _ = zmq_ctx_term(_context);
    }

    private void Set(int option, int value) => Check(zmq_setsockopt(_socket, option, BitConverter.GetBytes(value), sizeof(int)));

    private static void Check(int result)
    {
        if (result < 0) throw new InvalidOperationException($"libzmq: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport(Library)]
    private static partial nint zmq_ctx_new();

    [LibraryImport(Library)]
    private static partial int zmq_ctx_term(nint context);

    [LibraryImport(Library)]
    private static partial nint zmq_socket(nint context, int type);

    [LibraryImport(Library)]
    private static partial int zmq_close(nint socket);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int zmq_connect(nint socket, string endpoint);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_setsockopt(nint socket, int option, byte[] value, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_getsockopt(nint socket, int option, out int value, ref nuint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_send(nint socket, byte[] data, nuint length, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int zmq_recv(nint socket, byte[] data, nuint length, int flags);
}
