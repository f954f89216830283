using System.Diagnostics;
using System.Security.Cryptography;
using FedLab.Lattice;
using FedLab.Lattice.Multiparty;

namespace FedLab.Federation.Horizontal;

/// <summary>What one sum costs a bank, without a network: median microseconds on one thread, and bytes.</summary>
/// <param name="Banks">Number of banks.</param>
/// <param name="Values">Number of values.</param>
/// <param name="EncryptMicroseconds">Encrypting and writing the own contribution.</param>
/// <param name="AddMicroseconds">Reading and adding all others' contributions, and comparing with the announcement.</param>
/// <param name="ShareMicroseconds">The share of the decryption.</param>
/// <param name="ReadMicroseconds">Reading and adding the others' shares, and the sums themselves.</param>
/// <param name="PartBytes">Length of a contribution, sent once.</param>
/// <param name="ShareBytes">Length of a share, sent to every other bank.</param>
public sealed record SumTimings(int Banks, int Values, double EncryptMicroseconds, double AddMicroseconds, double ShareMicroseconds, double ReadMicroseconds, long PartBytes, long ShareBytes)
{
    /// <summary>Bytes that a bank sends for the sum.</summary>
    public long BytesSent => PartBytes + ((Banks - 1) * ShareBytes);
}

/// <summary>Measures the sums between banks. Used by <c>fedlab bench sums</c>.</summary>
public static class SumBenchmark
{
    private const int Repetitions = 50;
    private const int WarmUp = 20;
    private const int MagnitudeBits = 52;

    /// <summary>Measures sums of one length.</summary>
    /// <param name="banks">Number of banks.</param>
    /// <param name="values">Number of values.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public static SumTimings Measure(int banks, int values, CancellationToken cancellationToken)
    {
        var plan = new CollectiveSumPlan(banks, MagnitudeBits);
        var lattice = new LatticeContext(plan.Parameters);
        var parties = PartySet.All(banks);
        var keys = Enumerable.Range(0, banks).Select(_ => SecretKey.Generate(lattice)).ToArray();
        var secrets = keys.Select((key, bank) => new PartySecret(key, bank, parties)).ToArray();
        var binding = new ShareBinding(new MemoryShareLedger(TimeProvider.System), new byte[SHA256.HashSizeInBytes]);
        var encryptor = new SumEncryptor(lattice, plan, MakePublicKey(lattice, secrets));
        var own = Enumerable.Range(0, values).Select(i => (long)i << 20).ToArray();
        var samples = new List<double[]>();
        long partBytes = 0, shareBytes = 0;
        for (var repetition = 0; repetition < WarmUp + Repetitions; repetition++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var times = new double[4];
            var others = Enumerable.Range(1, banks - 1).Select(_ =>
            {
                using var part = EncryptedValues.Encrypt(repetition, own, encryptor, plan.ValuesPerCiphertext);
                return part.ToPayload();
            }).ToArray();
            EncryptedValues total = null!;
            Time(0, () =>
            {
                total = EncryptedValues.Encrypt(repetition, own, encryptor, plan.ValuesPerCiphertext);
                using var payload = total.ToPayload();
                partBytes = payload.Length;
            });
            Time(1, () =>
            {
                foreach (var payload in others)
                {
                    using var part = EncryptedValues.Read(payload.AsSequence(), "bench", lattice);
                    total.Add(part);
                }
                total.Announcement("bench", 1);
            });
            var protocols = total.Ciphertexts.Select(ciphertext => new SumDecryptionProtocol(lattice, plan, parties, ciphertext.Values)).ToArray();
            shareBytes = protocols.Sum(protocol => (long)protocol.ShareBytes);
            var shares = secrets.Select(secret => protocols.Select(protocol => protocol.AllocateShare()).ToArray()).ToArray();
            for (var bank = 0; bank < banks; bank++)
            {
                void Generate()
                {
                    for (var i = 0; i < protocols.Length; i++) protocols[i].GenerateShare(secrets[bank], total.Ciphertexts[i], binding with { Ledger = new MemoryShareLedger(TimeProvider.System) }, shares[bank][i]);
                }
                if (bank == 0) Time(2, Generate);
                else Generate();
            }
            Time(3, () =>
            {
                for (var i = 0; i < protocols.Length; i++)
                {
                    using var sum = protocols[i].AllocateShare();
                    foreach (var bank in shares) protocols[i].Aggregate(bank[i], sum);
                    if (!protocols[i].TryFinish(total.Ciphertexts[i], sum, new long[total.Ciphertexts[i].Values])) throw new InvalidOperationException("The sum does not decrypt.");
                }
            });
            foreach (var share in shares.SelectMany(list => list)) share.Dispose();
            foreach (var payload in others) payload.Dispose();
            total.Dispose();
            if (repetition >= WarmUp) samples.Add(times);

            void Time(int step, Action action)
            {
                var begin = Stopwatch.GetTimestamp();
                action();
                times[step] = Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            }
        }
        foreach (var secret in secrets) secret.Dispose();
        foreach (var key in keys) key.Dispose();
        double Median(int step) => samples.Select(times => times[step]).Order().ElementAt(samples.Count / 2);
        return new SumTimings(banks, values, Median(0), Median(1), Median(2), Median(3), partBytes, shareBytes);
    }

    private static PublicKey MakePublicKey(LatticeContext lattice, PartySecret[] secrets)
    {
        var protocol = new CollectivePublicKeyProtocol(lattice, secrets[0].Parties);
        var common = protocol.SampleCommonPolynomials(CommonRandomString.Create());
        using var sum = protocol.AllocateShare();
        foreach (var secret in secrets)
        {
            using var share = protocol.AllocateShare();
            protocol.GenerateShare(secret, common, new ShareBinding(new MemoryShareLedger(TimeProvider.System), new byte[SHA256.HashSizeInBytes]), share);
            protocol.Aggregate(share, sum);
        }
        return protocol.Finish(sum, common);
    }
}
