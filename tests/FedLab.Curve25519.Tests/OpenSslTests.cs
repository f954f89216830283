using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace FedLab.Curve25519.Tests;

/// <summary>The same keys and messages through the openssl command, an implementation that is not ours; skipped where it is missing.</summary>
public sealed class OpenSslTests : IDisposable
{
    // DER of PrivateKeyInfo and SubjectPublicKeyInfo up to the 32 key bytes (RFC 8410 sections 4 and 7).
    private const string Ed25519Private = "302e020100300506032b657004220420";
    private const string Ed25519Public = "302a300506032b6570032100";
    private const string X25519Private = "302e020100300506032b656e04220420";
    private const string X25519Public = "302a300506032b656e032100";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fedlab-openssl-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task OpenSSL_makes_the_signatures_that_we_make_and_accepts_ours()
    {
        foreach (var length in (int[])[1, 64, 5000])
        {
            var seed = RandomNumberGenerator.GetBytes(32);
            using var key = Ed25519PrivateKey.FromSeed(seed);
            var message = RandomNumberGenerator.GetBytes(length);
            var privateKey = Write("private.der", [.. Convert.FromHexString(Ed25519Private), .. seed]);
            var publicKey = Write("public.der", [.. Convert.FromHexString(Ed25519Public), .. key.PublicKey.ToBytes()]);
            var input = Write("message", message);
            var signature = Write("signature", key.Sign(message));
            var output = FullName("openssl-signature");
            await Run("pkeyutl", "-sign", "-rawin", "-inkey", privateKey, "-keyform", "DER", "-in", input, "-out", output);
            var theirs = await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken);
            Assert.Equal(key.Sign(message), theirs);
            Assert.True(key.PublicKey.Verify(message, theirs));
            await Run("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", publicKey, "-keyform", "DER", "-in", input, "-sigfile", signature);
        }
    }

    [Fact]
    public async Task OpenSSL_derives_the_shared_secret_that_we_derive()
    {
        for (var i = 0; i < 3; i++)
        {
            var ours = RandomNumberGenerator.GetBytes(32);
            var theirs = RandomNumberGenerator.GetBytes(32);
            var theirPublic = new byte[32];
            X25519.PublicKey(theirs, theirPublic);
            var expected = new byte[32];
            X25519.Multiply(ours, theirPublic, expected);

            var privateKey = Write("private.der", [.. Convert.FromHexString(X25519Private), .. ours]);
            var peer = Write("peer.der", [.. Convert.FromHexString(X25519Public), .. theirPublic]);
            var output = FullName("secret");
            await Run("pkeyutl", "-derive", "-inkey", privateKey, "-keyform", "DER", "-peerkey", peer, "-peerform", "DER", "-out", output);
            Assert.Equal(expected, await File.ReadAllBytesAsync(output, TestContext.Current.CancellationToken));
        }
    }

    private static async Task Run(params string[] arguments)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromMinutes(1));
        var start = new ProcessStartInfo("openssl", arguments) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip("The openssl command is not installed.");
            return;
        }

        using (process)
        {
            Assert.NotNull(process);
            var output = process.StandardOutput.ReadToEndAsync(timeout.Token);
            var errors = await process.StandardError.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, $"openssl {string.Join(' ', arguments)}: {errors}{await output}");
        }
    }

    private string FullName(string name) => Path.Combine(_folder.FullName, name);

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(FullName(name), content);
        return FullName(name);
    }
}
