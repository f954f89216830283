using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedLab.Federation.Identity;

/// <summary>Requests for certificates (PKCS#10, RFC 2986). Only the key in one is believed: name and role come from who is asked.</summary>
public static class SigningRequest
{
    /// <summary>Longest request that is read, in bytes; one with a P-256 key has about 250.</summary>
    public const int MaximumBytes = 4096;

    private const string EllipticCurveKey = "1.2.840.10045.2.1";

    /// <summary>The parameters of a key on P-256, in DER: the object identifier 1.2.840.10045.3.1.7 (RFC 5480 section 2.1.1.1).</summary>
    private static ReadOnlySpan<byte> NistP256 => [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    /// <summary>Makes a request, signed by the key that it is for.</summary>
    /// <param name="key">An ECDSA P-256 key.</param>
    /// <param name="name">The holder's name, for people who read the request.</param>
    /// <returns>DER.</returns>
    public static byte[] Create(ECDsa key, string name)
    {
        ArgumentNullException.ThrowIfNull(key);
        return new CertificateRequest(new X500DistinguishedName($"CN={name}, O=FedLab"), key, HashAlgorithmName.SHA256).CreateSigningRequest();
    }

    /// <summary>Reads a request and checks that whoever made it holds the key.</summary>
    /// <param name="request">DER, from anybody.</param>
    /// <returns>The public key, on P-256.</returns>
    /// <exception cref="EnrolmentException">It is too long or malformed, its signature does not hold, or its key is of another kind.</exception>
    public static PublicKey Read(ReadOnlySpan<byte> request)
    {
        if (request.Length > MaximumBytes) throw new EnrolmentException(LabMessages.RequestTooLong(request.Length, MaximumBytes));
        try
        {
            var read = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256, out var consumed, CertificateRequestLoadOptions.Default);
            if (consumed != request.Length) throw new EnrolmentException(LabMessages.RequestMalformed);
            var key = read.PublicKey;
            if (key.Oid.Value != EllipticCurveKey || !(key.EncodedParameters?.RawData).AsSpan().SequenceEqual(NistP256)) throw new EnrolmentException(LabMessages.RequestKey);
            // A point that is not on the curve is found here.
            using var ecdsa = key.GetECDsaPublicKey() ?? throw new EnrolmentException(LabMessages.RequestKey);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException or ArgumentException)
        {
            throw new EnrolmentException(LabMessages.RequestMalformed, e);
        }
    }

    /// <summary>SHA-256 of a key as certificates carry it (SubjectPublicKeyInfo).</summary>
    /// <param name="key">The key.</param>
    public static byte[] HashOf(PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SHA256.HashData(key.ExportSubjectPublicKeyInfo());
    }
}
