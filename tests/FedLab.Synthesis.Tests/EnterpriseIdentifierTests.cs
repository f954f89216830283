using System.Security.Cryptography;
using System.Text;

namespace FedLab.Synthesis.Tests;

public sealed class EnterpriseIdentifierTests
{
    [Fact]
    public void Identifiers_are_the_published_ones()
    {
        var enterprise = SyntheticPopulation.Generate().CreateEnterprise(SyntheticInstitution.BankA);
        var all = new StringBuilder();
        var distinct = new HashSet<string>();
        var code = new byte[EnterpriseIdentifier.Length];
        string[] first = ["91330200TX0000079L", "92440300TX001K7B65", "91440300TX0037EF96", "91330200TX004TMK6R"];
        for (var i = 0; i < 50_000; i++)
        {
            enterprise.Load(i);
            enterprise.WriteIdentifier(code);
            var text = Encoding.ASCII.GetString(code);
            if (i < first.Length) Assert.Equal(first[i], text);
            if (i == 49_999) Assert.Equal("91310115TXN9BE6N61", text);
            Assert.True(distinct.Add(text));
            all.Append(i == 0 ? "" : "\n").Append(text);
        }

        Assert.Equal(
            "919edad1070e12e85318b207b616bc56aba575177e1b81e2f80df98578b9c7c1",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(all.ToString()))));
    }
}
