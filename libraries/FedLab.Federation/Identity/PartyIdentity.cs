using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FedLab.Federation.Identity;

/// <summary>A party's own name, certificate and signing key (ECDSA P-256).</summary>
public sealed class PartyIdentity : IDisposable
{
    private readonly ECDsa _key;
    private volatile X509Certificate2 _certificate;

    /// <summary>Takes an identity over.</summary>
    /// <param name="name">The party's name: the common name of its certificate.</param>
    /// <param name="certificate">Certificate with its private key; disposed with the identity.</param>
    /// <exception cref="ArgumentException">The certificate has no ECDSA private key.</exception>
    public PartyIdentity(string name, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        Name = name;
        _certificate = certificate;
        _key = certificate.GetECDsaPrivateKey() ?? throw new ArgumentException("The certificate has no ECDSA private key.", nameof(certificate));
    }

    /// <summary>The party's name.</summary>
    public string Name { get; }

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Certificate => _certificate;

    /// <summary>Takes a later certificate for the same name and key; who holds the one before may go on to use it.</summary>
    /// <param name="certificate">Certificate with its private key; disposed with the identity.</param>
    /// <exception cref="ArgumentException">It is for another key.</exception>
    public void Renew(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (!certificate.HasPrivateKey || !certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_certificate.PublicKey.ExportSubjectPublicKeyInfo()))
            throw new ArgumentException("The certificate is for another key.", nameof(certificate));
        // Connections under way still hold the one before; the collector takes it when they are gone.
        _certificate = certificate;
    }

    /// <summary>Signs with ECDSA P-256 and SHA-256.</summary>
    /// <param name="data">What is signed.</param>
    /// <returns>64 bytes, IEEE P1363 form.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_key) return _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        Certificate.Dispose();
    }
}

/// <summary>The certificates of the parties of a lab, by name; checks their signatures.</summary>
public sealed class PartyDirectory : IDisposable
{
    private readonly ConcurrentDictionary<string, ECDsa> _keys = new(StringComparer.Ordinal);

    /// <summary>Builds the directory.</summary>
    /// <param name="certificates">Certificates by party name; they must have been checked against the lab's authority.</param>
    /// <exception cref="ArgumentException">A certificate has no ECDSA public key.</exception>
    public PartyDirectory(IEnumerable<KeyValuePair<string, X509Certificate2>> certificates)
    {
        ArgumentNullException.ThrowIfNull(certificates);
        foreach (var (name, certificate) in certificates) Set(name, certificate);
    }

    /// <summary>Names of all parties.</summary>
    public IReadOnlyCollection<string> Names => [.. _keys.Keys];

    /// <summary>Enters a party, or the key of a later certificate of one that is there. May be called while others check signatures.</summary>
    /// <param name="name">The party.</param>
    /// <param name="certificate">Its certificate; it must have been checked against the lab's authority.</param>
    /// <exception cref="ArgumentException">The certificate has no ECDSA public key.</exception>
    public void Set(string name, X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        // A key that is replaced may be in use at this moment; the collector takes it.
        _keys[name] = certificate.GetECDsaPublicKey() ?? throw new ArgumentException($"The certificate of '{name}' has no ECDSA public key.", nameof(certificate));
    }

    /// <summary>Takes a party out; its signatures hold no longer.</summary>
    /// <param name="name">The party.</param>
    public void Remove(string name) => _keys.TryRemove(name, out _);

    /// <summary>Checks a signature.</summary>
    /// <param name="name">The party that is said to have signed.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">64 bytes, IEEE P1363 form.</param>
    /// <returns>False for an unknown party or a signature that does not hold.</returns>
    public bool Verify(string name, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!_keys.TryGetValue(name, out var key)) return false;
        lock (key) return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _keys.Values) key.Dispose();
    }
}
