using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FedLab.Kernel.Zmtp;

/// <summary>
/// The bytes of ZMTP 3.0 with the NULL mechanism (https://rfc.zeromq.org/spec/23/). Minor version 0 is announced on purpose: peers of
/// that version subscribe with messages instead of commands and never send PING, which leaves nothing to answer outside of the messages.
/// </summary>
internal static class ZmtpWire
{
    /// <summary>Bytes of a greeting.</summary>
    public const int GreetingBytes = 64;

    /// <summary>Flag of a frame: another of the same message follows.</summary>
    public const byte More = 1;

    /// <summary>Flag of a frame: its length has eight bytes instead of one.</summary>
    public const byte Long = 2;

    /// <summary>Flag of a frame: it is a command, not part of a message.</summary>
    public const byte Command = 4;

    /// <summary>Most bytes of a READY command: a handful of short properties.</summary>
    public const int ReadyBytes = 8 << 10;

    private const int MaximumIdentityBytes = 255;

    private static readonly byte[] Ready = [5, .. "READY"u8];

    /// <summary>The greeting of this side.</summary>
    public static byte[] Greeting()
    {
        var greeting = new byte[GreetingBytes];
        greeting[0] = 0xFF;
        greeting[9] = 0x7F;
        greeting[10] = 3;
        "NULL"u8.CopyTo(greeting.AsSpan(12));
        return greeting;
    }

    /// <summary>Refuses a peer that does not speak ZMTP 3 without authentication.</summary>
    /// <param name="greeting">The 64 bytes that the peer sent first.</param>
    /// <exception cref="InvalidDataException">It does not.</exception>
    public static void CheckGreeting(ReadOnlySpan<byte> greeting)
    {
        var mechanism = greeting.Slice(12, 20);
        if (greeting[0] != 0xFF || greeting[9] != 0x7F || greeting[10] < 3 || !mechanism.StartsWith("NULL"u8) || mechanism[4..].ContainsAnyExcept((byte)0))
            throw new InvalidDataException("The peer does not speak ZMTP 3 with the NULL mechanism.");
    }

    /// <summary>The READY command of this side, with its frame header.</summary>
    /// <param name="socketType">ROUTER, PUB or REP.</param>
    public static byte[] ReadyCommand(string socketType)
    {
        var type = Encoding.ASCII.GetBytes(socketType);
        byte[] body = [.. Ready, .. Property("Socket-Type"u8, type), .. Property("Identity"u8, [])];
        return [Command, (byte)body.Length, .. body];
    }

    /// <summary>Reads the peer's READY command.</summary>
    /// <param name="command">The command's bytes.</param>
    /// <param name="accepted">The socket types that may talk to this one.</param>
    /// <returns>The identity that the peer chose; empty where it chose none.</returns>
    /// <exception cref="InvalidDataException">It is no READY command, malformed, or of a socket that does not fit.</exception>
    public static byte[] ParseReady(ReadOnlySpan<byte> command, IReadOnlyList<string> accepted)
    {
        if (!command.StartsWith(Ready)) throw new InvalidDataException("The peer did not say READY.");
        var rest = command[Ready.Length..];
        byte[] identity = [];
        string? type = null;
        while (rest.Length > 0)
        {
            var name = Take(ref rest, Take(ref rest, 1)[0]);
            var length = BinaryPrimitives.ReadUInt32BigEndian(Take(ref rest, 4));
            var value = Take(ref rest, length);
            if (Ascii.EqualsIgnoreCase(name, "Identity"u8)) identity = value.ToArray();
            else if (Ascii.EqualsIgnoreCase(name, "Socket-Type"u8)) type = Encoding.ASCII.GetString(value);
        }
        if (identity.Length > MaximumIdentityBytes) throw new InvalidDataException("The peer's identity is too long.");
        if (type is null || !accepted.Contains(type, StringComparer.Ordinal)) throw new InvalidDataException("The peer's socket does not fit this one.");
        return identity;
    }

    /// <summary>Writes the header of a frame.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="length">Bytes of the frame.</param>
    /// <param name="more">Whether another follows.</param>
    public static void WriteHeader(IBufferWriter<byte> target, int length, bool more)
    {
        var flags = more ? More : (byte)0;
        if (length < 256)
        {
            var header = target.GetSpan(2);
            header[0] = flags;
            header[1] = (byte)length;
            target.Advance(2);
        }
        else
        {
            var header = target.GetSpan(9);
            header[0] = (byte)(flags | Long);
            BinaryPrimitives.WriteInt64BigEndian(header[1..], length);
            target.Advance(9);
        }
    }

    private static byte[] Property(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, value.Length);
        return [(byte)name.Length, .. name, .. length, .. value];
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, uint count)
    {
        if (count > rest.Length) throw new InvalidDataException("A property of the peer's READY command is cut off.");
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }
}
