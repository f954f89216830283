using System.Text;
using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Notes;

/// <summary>Checkpoints and cosignatures: FedLab's own deterministic vectors and everything that must not parse.</summary>
public sealed class CheckpointTests
{
    private const string Body = "fedlab.example/audit\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n";
    private const string LogKey = "fedlab.example/audit+c4efe459+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    private const string LogSignature = "xO/kWQw0a1uLL+bnnOB40zipsbnYu80xvhnwvHnjWF+4Zh53M1YvnI/U1Rb0K7qezewg22gbvVy5pXBYnljvc2N9mwA=";
    private const string WitnessKey = "witness.example/provider-b+b3868bc0+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
    private const string WitnessSignature = "s4aLwAAAAABpVbkAfxMP6UCaw6AdcVPcObj8EK+zZ2TID3tM0oATlQFsqK3gvCnB7utdjMFcsBwDWY5dtqgM+54CrOB8x5jOERCaAw==";
    private const long Time = 1767225600;

    [Fact]
    public void A_log_and_a_witness_with_known_seeds_sign_the_known_note()
    {
        using var logPrivate = Ed25519PrivateKey.FromSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        using var witnessPrivate = Ed25519PrivateKey.FromSeed([.. Enumerable.Range(32, 32).Select(i => (byte)i)]);
        var log = NoteSigner.ForLog("fedlab.example/audit", logPrivate);
        var witness = NoteSigner.ForWitness("witness.example/provider-b", witnessPrivate, new ManualTimeProvider(DateTimeOffset.FromUnixTimeSeconds(Time)));
        Assert.Equal(LogKey, log.Key.ToString());
        Assert.Equal(WitnessKey, witness.Key.ToString());

        var head = new Checkpoint("fedlab.example/audit", 5, Sha256HashOfHex("4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"));
        Assert.Equal(Body, Encoding.UTF8.GetString(head.ToBody()));
        SignedCheckpoint signed = SignedCheckpoint.Sign(head, log);
        signed = signed.WithSignature(witness.Sign(signed.Note.Text.Span));
        Assert.Equal($"{Body}\n— fedlab.example/audit {LogSignature}\n— witness.example/provider-b {WitnessSignature}\n", Encoding.UTF8.GetString(signed.ToBytes()));

        NoteVerification verification = SignedCheckpoint.Parse(signed.ToBytes()).Note.Verify(VerifierKey.Parse(LogKey), VerifierKey.Parse(WitnessKey));
        Assert.True(verification.IsVerified);
        Assert.Equal(2, verification.Valid.Count);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(Time), verification.Valid[1].Key.TimeOf(verification.Valid[1].Signature));
        Assert.Null(verification.Valid[0].Key.TimeOf(verification.Valid[0].Signature));
    }

    [Fact]
    public void A_cosignature_does_not_fit_another_checkpoint_time_or_kind_of_key()
    {
        VerifierKey witness = VerifierKey.Parse(WitnessKey);
        NoteSignature signature = NoteSignature.ParseLine("— witness.example/provider-b " + WitnessSignature);
        Assert.True(witness.Verify(Encoding.UTF8.GetBytes(Body), signature));
        Assert.False(witness.Verify(Encoding.UTF8.GetBytes(Body.Replace("\n5\n", "\n6\n", StringComparison.Ordinal)), signature));
        byte[] later = signature.Value.ToArray();
        later[7]++;
        Assert.False(witness.Verify(Encoding.UTF8.GetBytes(Body), new NoteSignature(witness.Name, witness.KeyId, later)));
        // The same public key as a log's key neither accepts the cosignature nor its inner signature.
        VerifierKey asLog = witness.AsLogKey(witness.Name);
        Assert.NotEqual(witness.KeyId, asLog.KeyId);
        Assert.False(asLog.Verify(Encoding.UTF8.GetBytes(Body), new NoteSignature(asLog.Name, asLog.KeyId, signature.Value.Span)));
        Assert.False(asLog.Verify(Encoding.UTF8.GetBytes(Body), new NoteSignature(asLog.Name, asLog.KeyId, signature.Value.Span[8..])));
        Assert.False(witness.Verify(Encoding.UTF8.GetBytes(Body), new NoteSignature(witness.Name, witness.KeyId, [1, 2, 3])));
    }

    [Theory]
    [InlineData("log\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n", 5)]
    [InlineData("log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", 0)]
    [InlineData("log\n9223372036854775807\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", long.MaxValue)]
    [InlineData("log\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\none\ntwo\n", 5)]
    public void Checkpoints_are_read_and_written_back(string body, long size)
    {
        Checkpoint checkpoint = Checkpoint.Parse(Encoding.UTF8.GetBytes(body));
        Assert.Equal(size, checkpoint.Size);
        Assert.Equal(body, Encoding.UTF8.GetString(checkpoint.ToBody()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("log\n")]
    [InlineData("log\n5\n")]
    [InlineData("\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=")]
    [InlineData("log\nbananas\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n-34\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n+5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n05\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n 5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n3438748234783784748347478347834\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n9223372036854775808\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n")]
    [InlineData("log\n5\nthis is not base64\n")]
    [InlineData("log\n5\n\n")]
    [InlineData("log\n5\nAAAA\n")]
    [InlineData("log\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNR=\n")]
    [InlineData("log\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\n\n")]
    [InlineData("log\n5\nTju7H3tHjc/nH7YxYxUZo7yhLJrvyhYSv85ME6hiZNQ=\none\n\ntwo\n")]
    public void Malformed_checkpoints_are_refused(string body) => Assert.Throws<AuditFormatException>(() => Checkpoint.Parse(Encoding.UTF8.GetBytes(body)));

    private static Sha256Hash Sha256HashOfHex(string hex)
    {
        Assert.True(Sha256Hash.TryParseHex(hex, out Sha256Hash hash));
        return hash;
    }
}
