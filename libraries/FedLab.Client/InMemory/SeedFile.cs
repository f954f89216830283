using System.Security.Cryptography;
using FedLab.Curve25519;
using FedLab.Federation.Identity;

namespace FedLab.Client.InMemory;

/// <summary>The Ed25519 seed of a log or a cosigner, as a file that only its owner can read.</summary>
internal static class SeedFile
{
    /// <summary>Loads the key, or makes one.</summary>
    /// <param name="path">The file: the seed in base64.</param>
    /// <exception cref="KeyFileException">Others can read it, or it is malformed.</exception>
    public static Ed25519PrivateKey Open(string path)
    {
        if (!File.Exists(path))
        {
            using var made = Ed25519PrivateKey.Generate();
            var seed = made.ExportSeed();
            KeyFiles.WriteSecret(path, Convert.ToBase64String(seed));
            CryptographicOperations.ZeroMemory(seed);
        }
        KeyFiles.RequirePrivateFile(path);
        try
        {
            return Ed25519PrivateKey.FromSeed(Convert.FromBase64String(File.ReadAllText(path).Trim()));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new KeyFileException($"'{path}' holds no Ed25519 seed in base64.", e);
        }
    }
}
