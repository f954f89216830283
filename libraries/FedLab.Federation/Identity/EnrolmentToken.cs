using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FedLab.Federation.Channels;

namespace FedLab.Federation.Identity;

/// <summary>
/// The one thing that is handed to an institution that joins: where the coordinator is, by which fingerprint it is known, and a
/// secret that works once. The secret is made by the lead; the coordinator stores its hash alone and sees it when it is redeemed.
/// </summary>
/// <remarks>
/// Text form: <c>fedlab1.</c> and, in base64url, <c>length‖lab‖length‖address‖fingerprint‖secret‖checksum</c>: lengths of one and two
/// bytes, big-endian; the names in UTF-8; the checksum is the first four bytes of the SHA-256 of all before, so that a token that lost a
/// part on its way is told from one that is unknown.
/// </remarks>
public sealed class EnrolmentToken
{
    /// <summary>File name of a token in a participant's home.</summary>
    public const string FileName = "enrolment.token";

    /// <summary>Environment variable that may hold a token.</summary>
    public const string Variable = "FEDLAB_TOKEN";

    /// <summary>Length of the secret in bytes.</summary>
    public const int SecretBytes = 32;

    private const string Prefix = "fedlab1.";
    private const int ChecksumBytes = 4;
    private const int MaximumAddressBytes = 512;
    private const int MaximumTextLength = 2048;

    private readonly byte[] _secret;

    private EnrolmentToken(string lab, Uri coordinator, byte[] fingerprint, byte[] secret) => (Lab, Coordinator, Fingerprint, _secret) = (lab, coordinator, fingerprint, secret);

    /// <summary>Name of the project.</summary>
    public string Lab { get; }

    /// <summary>The coordinator, <c>https://host:port</c>.</summary>
    public Uri Coordinator { get; }

    /// <summary>SHA-256 of the authority's certificate.</summary>
    public IReadOnlyList<byte> Fingerprint { get; }

    /// <summary>What the coordinator stores: SHA-256 of the secret.</summary>
    public byte[] Hash => SHA256.HashData(_secret);

    /// <summary>Makes a token with a new secret.</summary>
    /// <param name="lab">Name of the project.</param>
    /// <param name="coordinator">The coordinator, <c>https://host:port</c>.</param>
    /// <param name="fingerprint">SHA-256 of the authority's certificate.</param>
    /// <exception cref="ArgumentException">The name is not a name, the address not an https address, or the fingerprint not 32 bytes.</exception>
    public static EnrolmentToken Create(string lab, Uri coordinator, ReadOnlySpan<byte> fingerprint)
    {
        ArgumentNullException.ThrowIfNull(coordinator);
        if (!EnvelopeHeader.IsName(lab)) throw new ArgumentException($"'{lab}' is not a name.", nameof(lab));
        if (!IsAddress(coordinator)) throw new ArgumentException("The address must be https://host:port.", nameof(coordinator));
        if (fingerprint.Length != LabFingerprint.Length) throw new ArgumentException("A fingerprint has 32 bytes.", nameof(fingerprint));
        return new EnrolmentToken(lab, coordinator, fingerprint.ToArray(), RandomNumberGenerator.GetBytes(SecretBytes));
    }

    /// <summary>The same token for a coordinator that has moved.</summary>
    /// <param name="coordinator">The coordinator, <c>https://host:port</c>.</param>
    /// <exception cref="ArgumentException">It is not an https address.</exception>
    public EnrolmentToken At(Uri coordinator)
    {
        ArgumentNullException.ThrowIfNull(coordinator);
        return IsAddress(coordinator) ? new EnrolmentToken(Lab, coordinator, [.. Fingerprint], _secret) : throw new ArgumentException("The address must be https://host:port.", nameof(coordinator));
    }

    /// <summary>Reads a token.</summary>
    /// <param name="text">Its text; white space around it is ignored.</param>
    /// <exception cref="EnrolmentException">It is not a token, or a part of it is missing.</exception>
    public static EnrolmentToken Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length > MaximumTextLength || !trimmed.StartsWith(Prefix, StringComparison.Ordinal)) throw new EnrolmentException(LabMessages.TokenMalformed);
        try
        {
            return Read(Base64Url.DecodeFromChars(trimmed[Prefix.Length..]));
        }
        catch (FormatException e)
        {
            throw new EnrolmentException(LabMessages.TokenMalformed, e);
        }
    }

    /// <summary>The secret, to be sent to the coordinator once it is authenticated.</summary>
    public byte[] CopySecret() => [.. _secret];

    /// <summary>The token as a text of one line. It is a secret until it has been redeemed.</summary>
    public string ToText()
    {
        var lab = Encoding.UTF8.GetBytes(Lab);
        var address = Encoding.UTF8.GetBytes(Coordinator.GetLeftPart(UriPartial.Authority));
        if (address.Length > MaximumAddressBytes) throw new InvalidOperationException("The coordinator's address is too long for a token.");
        var length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)address.Length);
        byte[] body = [(byte)lab.Length, .. lab, .. length, .. address, .. Fingerprint, .. _secret];
        return Prefix + Base64Url.EncodeToString([.. body, .. Checksum(body)]);
    }

    /// <summary>Never the secret: tokens must not reach a log by accident.</summary>
    public override string ToString() => $"{Prefix}…({Lab})";

    private static EnrolmentToken Read(byte[] bytes)
    {
        if (bytes.Length <= ChecksumBytes) throw new EnrolmentException(LabMessages.TokenMalformed);
        var body = bytes.AsSpan(0, bytes.Length - ChecksumBytes);
        if (!Checksum(body).SequenceEqual(bytes.AsSpan(body.Length))) throw new EnrolmentException(LabMessages.TokenMalformed);
        ReadOnlySpan<byte> rest = body;
        var lab = Encoding.UTF8.GetString(Take(ref rest, Take(ref rest, 1)[0]));
        var addressLength = BinaryPrimitives.ReadUInt16BigEndian(Take(ref rest, sizeof(ushort)));
        var address = Encoding.UTF8.GetString(Take(ref rest, addressLength));
        var fingerprint = Take(ref rest, LabFingerprint.Length).ToArray();
        var secret = Take(ref rest, SecretBytes).ToArray();
        if (rest.Length > 0 || !EnvelopeHeader.IsName(lab) || !Uri.TryCreate(address, UriKind.Absolute, out var coordinator) || !IsAddress(coordinator)) throw new EnrolmentException(LabMessages.TokenMalformed);
        return new EnrolmentToken(lab, coordinator, fingerprint, secret);
    }

    private static bool IsAddress(Uri address) => address.IsAbsoluteUri && address.Scheme == Uri.UriSchemeHttps && address.Host.Length > 0 && address.PathAndQuery == "/" && address.UserInfo.Length == 0;

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length)
    {
        if (rest.Length < length) throw new EnrolmentException(LabMessages.TokenMalformed);
        var part = rest[..length];
        rest = rest[length..];
        return part;
    }

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> body) => SHA256.HashData(body).AsSpan(0, ChecksumBytes);
}
