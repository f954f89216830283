using System.Text;
using FedLab.Curve25519;

namespace FedLab.Audit.Tests.Notes;

/// <summary>Signed notes: the vectors of C2SP and golang/mod, and everything that must not parse or verify.</summary>
public sealed class SignedNoteTests
{
    private const string SpecText = "This is an example message.\n";
    private const string SpecKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private const string SpecSignature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
    private const string Text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    private const string NeumannKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string NeumannSignature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    private const string EnochKey = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
    private const string EnochSignature = "rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=";

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Note(string text, params string[] lines) => text + "\n" + string.Concat(lines.Select(line => line + "\n"));

    [Theory]
    [InlineData(SpecText, SpecKey, SpecSignature)]
    [InlineData(Text, NeumannKey, NeumannSignature)]
    [InlineData(Text, EnochKey, EnochSignature)]
    public void Published_notes_verify_and_are_written_back_as_they_came(string text, string key, string signature)
    {
        VerifierKey verifier = VerifierKey.Parse(key);
        string note = Note(text, "— " + verifier.Name + " " + signature);
        SignedNote parsed = SignedNote.Parse(Bytes(note));
        Assert.True(parsed.Verify(verifier).IsVerified);
        Assert.Equal(text, Encoding.UTF8.GetString(parsed.Text.Span));
        Assert.Equal(note, Encoding.UTF8.GetString(parsed.ToBytes()));
        Assert.Equal(key, verifier.ToString());
    }

    [Fact]
    public void The_key_of_32_zero_bytes_signs_as_golang_does()
    {
        using var key = Ed25519PrivateKey.FromSeed(new byte[32]);
        var signer = NoteSigner.ForLog("EnochRoot", key);
        Assert.Equal(EnochKey, signer.Key.ToString());
        Assert.Equal("— EnochRoot " + EnochSignature, signer.Sign(Bytes(Text)).ToLine());
    }

    [Fact]
    public void Unknown_keys_are_ignored_and_a_note_without_a_known_one_is_not_verified()
    {
        SignedNote note = SignedNote.Parse(Bytes(Note(Text, "— PeterNeumann " + NeumannSignature, "— EnochRoot " + EnochSignature)));
        NoteVerification both = note.Verify(VerifierKey.Parse(NeumannKey), VerifierKey.Parse(EnochKey));
        Assert.True(both.IsVerified);
        Assert.Equal(2, both.Valid.Count);
        NoteVerification one = note.Verify(VerifierKey.Parse(EnochKey));
        Assert.True(one.IsVerified);
        Assert.Single(one.Valid);
        Assert.Single(one.Unknown);
        Assert.False(note.Verify(VerifierKey.Parse(SpecKey)).IsVerified);
        Assert.False(note.Verify([]).IsVerified);
    }

    [Fact]
    public void A_wrong_signature_of_a_known_key_rejects_the_note_whatever_else_is_right()
    {
        byte[] wrong = Convert.FromBase64String(NeumannSignature);
        wrong[^1] ^= 1;
        string note = Note(Text, "— EnochRoot " + EnochSignature, "— PeterNeumann " + Convert.ToBase64String(wrong));
        NoteVerification result = SignedNote.Parse(Bytes(note)).Verify(VerifierKey.Parse(NeumannKey), VerifierKey.Parse(EnochKey));
        Assert.False(result.IsVerified);
        Assert.Equal("PeterNeumann", Assert.Single(result.Invalid).Key.Name);
        Assert.True(SignedNote.Parse(Bytes(note)).Verify(VerifierKey.Parse(EnochKey)).IsVerified);
    }

    [Fact]
    public void Sixteen_signatures_are_read_a_hundred_and_one_are_not()
    {
        string[] lines = [.. Enumerable.Range(0, 101).Select(i => $"— other{i} AAAAAAAA"), "— EnochRoot " + EnochSignature];
        SignedNote sixteen = SignedNote.Parse(Bytes(Note(Text, lines[^16..])));
        Assert.True(sixteen.Verify(VerifierKey.Parse(EnochKey)).IsVerified);
        Assert.Equal(100, SignedNote.Parse(Bytes(Note(Text, lines[..100]))).Signatures.Count);
        Assert.Throws<AuditFormatException>(() => SignedNote.Parse(Bytes(Note(Text, lines[..101]))));
    }

    public static TheoryData<string> MalformedNotes => new(
        "",
        "\n",
        "\n\n",
        Text,
        Text + "\n",
        Text + "— EnochRoot " + EnochSignature + "\n",
        Text.TrimEnd('\n') + "— EnochRoot " + EnochSignature + "\n",
        Note(Text, "— EnochRoot " + EnochSignature).TrimEnd('\n'),
        Note(Text, "— EnochRoot " + EnochSignature) + "trailing\n",
        Note(Text, "— EnochRoot " + EnochSignature) + "\n",
        Note(Text, "- EnochRoot " + EnochSignature),
        Note(Text, "—EnochRoot " + EnochSignature),
        Note(Text, "—  " + EnochSignature),
        Note(Text, "— Enoch Root " + EnochSignature),
        Note(Text, "— Enoch+Root " + EnochSignature),
        Note(Text, "— Enoch\u00a0Root " + EnochSignature),
        Note(Text, "— EnochRoot"),
        Note(Text, "— EnochRoot "),
        Note(Text, "— EnochRoot AAAA"),
        Note(Text, "— EnochRoot AAAAAA=="),
        Note(Text, "— EnochRoot " + EnochSignature.TrimEnd('=')),
        Note(Text, "— EnochRoot " + EnochSignature[..^2] + "R="),
        Note(Text, "— EnochRoot " + EnochSignature + " "),
        Note(Text, "— EnochRoot " + EnochSignature + "\r"),
        Note("a tab\there\n", "— EnochRoot " + EnochSignature),
        Note("a null\0here\n", "— EnochRoot " + EnochSignature));

    [Theory]
    [MemberData(nameof(MalformedNotes))]
    public void Malformed_notes_are_refused(string note) => Assert.Throws<AuditFormatException>(() => SignedNote.Parse(Bytes(note)));

    [Fact]
    public void Malformed_text_encoding_is_refused()
    {
        byte[] note = Bytes(Note(Text, "— EnochRoot " + EnochSignature));
        note[3] = 0xff;
        Assert.Throws<AuditFormatException>(() => SignedNote.Parse(note));
        Assert.Throws<AuditFormatException>(() => SignedNote.Parse(new byte[SignedNote.MaximumLength + 1]));
    }

    [Fact]
    public void No_single_byte_of_a_note_can_change_unnoticed()
    {
        byte[] note = Bytes(Note(Text, "— EnochRoot " + EnochSignature));
        VerifierKey key = VerifierKey.Parse(EnochKey);
        for (int i = 0; i < note.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. note];
                changed[i] ^= (byte)(1 << bit);
                Assert.False(Verifies(changed, key), $"byte {i} bit {bit}");
            }
        }
    }

    [Fact]
    public void Every_cut_and_every_changed_byte_of_a_key_is_refused()
    {
        foreach (string key in (string[])[NeumannKey, EnochKey, SpecKey])
        {
            for (int begin = 0; begin < key.Length; begin++)
            {
                for (int end = begin; end <= key.Length; end++)
                {
                    if (end - begin < key.Length) Assert.Throws<AuditFormatException>(() => VerifierKey.Parse(key[begin..end]));
                }
            }

            for (int i = 0; i < key.Length; i++)
            {
                for (int bit = 0; bit < 8; bit++)
                {
                    char[] changed = key.ToCharArray();
                    changed[i] ^= (char)(1 << bit);
                    Assert.Throws<AuditFormatException>(() => VerifierKey.Parse(new string(changed)));
                }
            }
        }
    }

    [Fact]
    public void A_key_of_an_unknown_type_is_refused_though_its_identifier_is_right()
    {
        var exception = Assert.Throws<AuditFormatException>(() => VerifierKey.Parse("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"));
        Assert.Contains("type 101", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_keys_of_one_name_and_identifier_are_ambiguous_but_one_key_twice_is_not()
    {
        SignedNote note = SignedNote.Parse(Bytes(Note(Text, "— EnochRoot " + EnochSignature)));
        Assert.True(note.Verify(VerifierKey.Parse(EnochKey), VerifierKey.Parse(EnochKey)).IsVerified);
        (VerifierKey one, VerifierKey other) = FindCollidingKeys();
        Assert.Throws<AuditFormatException>(() => note.Verify(one, other));
    }

    /// <summary>Identifiers have 32 bits, so some tens of thousands of keys have two alike.</summary>
    private static (VerifierKey One, VerifierKey Other) FindCollidingKeys()
    {
        using var privateKey = Ed25519PrivateKey.FromSeed(new byte[32]);
        byte[] publicKey = privateKey.PublicKey.ToBytes();
        var seen = new Dictionary<uint, byte[]>();
        for (uint i = 0; ; i++)
        {
            // Any 32 bytes do for the search; only a hit has to be a key.
            BitConverter.TryWriteBytes(publicKey, i);
            byte[] hash = System.Security.Cryptography.SHA256.HashData([.. "x\n"u8, 1, .. publicKey]);
            uint id = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(hash);
            if (!seen.TryAdd(id, [.. publicKey]) && IsKey(seen[id]) && IsKey(publicKey)) return (Key(seen[id]), Key(publicKey));
        }
    }

    private static bool IsKey(byte[] bytes)
    {
        try
        {
            Ed25519PublicKey.FromBytes(bytes);
            return true;
        }
        catch (InvalidPointException)
        {
            return false;
        }
    }

    private static VerifierKey Key(byte[] bytes) => VerifierKey.ForLog("x", Ed25519PublicKey.FromBytes(bytes));

    private static bool Verifies(byte[] note, VerifierKey key)
    {
        try
        {
            return SignedNote.Parse(note).Verify(key).IsVerified;
        }
        catch (AuditFormatException)
        {
            return false;
        }
    }
}
