using System.Runtime.Versioning;
using FedLab.EndToEnd.Tests.Support;

// Signals, file rights and /proc are looked at as Linux has them.
[assembly: SupportedOSPlatform("linux")]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
