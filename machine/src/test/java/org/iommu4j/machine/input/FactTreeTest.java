package org.iommu4j.machine.input;

import static org.iommu4j.machine.input.TestTrees.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactTreeTest {
  private static final Map<String, byte[]> MACHINE = Map.of("proc/version", bytes("Linux version"));

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path root;

  private Path archive(byte[] bytes) throws IOException {
    return Files.write(root.resolve("machine.tar"), bytes);
  }

  private static void assertReadable(FactTree tree) {
    assertEquals("Linux version", tree.read("proc/version", 100).text().orElseThrow());
    assertEquals("version", String.join(" ", tree.list("proc")));
    assertFalse(tree.read("proc/cmdline", 100).isPresent());
    assertTrue(tree.list("proc/version").isEmpty());
  }

  @Test
  void aDirectoryAnArchiveAndAPackedArchiveReadAlike() throws IOException {
    TestTrees.write(root.resolve("directory"), MACHINE);
    assertReadable(FactTree.open(root.resolve("directory")));
    for (String prefix : new String[] {"", "./", "machine/", "./machine/"}) {
      byte[] tar = TestTrees.tar(prefix, MACHINE);
      assertReadable(FactTree.open(archive(tar)));
      assertReadable(FactTree.open(archive(TestTrees.gzip(tar))));
    }
  }

  @Test
  void aDirectoryAroundTheTreeIsLookedThrough() {
    TestTrees.write(root.resolve("outer/inner"), MACHINE);
    assertReadable(FactTree.open(root.resolve("outer")));
  }

  @Test
  void namesThatLeaveTheArchiveAreRefused() {
    for (String name : new String[] {"/proc/version", "../proc/version", "proc/../../version"}) {
      byte[] tar = TestTrees.tar("", Map.of(name, bytes("x")));
      assertThrows(BadInputException.class, () -> TestTrees.unpack(tar), name);
    }
  }

  @Test
  void linksInsideOfTheTreeAreFollowed() throws IOException {
    Path directory = root.resolve("directory");
    TestTrees.write(directory, Map.of("sys/devices/pci0000:00/config", bytes("x")));
    Path link = directory.resolve("sys/bus/pci/devices/0000:00:00.0");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of("../../../devices/pci0000:00"));
    assertTrue(
        FactTree.open(directory).read("sys/bus/pci/devices/0000:00:00.0/config", 9).isPresent());

    MemoryTree memory = new MemoryTree("memory");
    memory.addFile("sys/devices/pci0000:00/config", bytes("x"));
    memory.addLink("sys/bus/pci/devices/0000:00:00.0", "../../../devices/pci0000:00");
    assertTrue(memory.read("sys/bus/pci/devices/0000:00:00.0/config", 9).isPresent());
    assertEquals("config", String.join(" ", memory.list("sys/bus/pci/devices/0000:00:00.0")));
  }

  @Test
  void linksThatLeaveTheTreeOrLoopAreRefused() throws IOException {
    Path secret = Files.write(root.resolve("secret"), bytes("secret"));
    for (String target : new String[] {"../../../../secret", secret.toString(), "version"}) {
      Path directory = root.resolve("machine" + target.hashCode());
      Path link = directory.resolve("proc/version");
      Files.createDirectories(link.getParent());
      Path there = target.startsWith("..") ? Path.of("../../secret") : Path.of(target);
      Files.createSymbolicLink(link, there);
      FactTree tree = FactTree.open(directory);
      assertThrows(BadInputException.class, () -> tree.read("proc/version", 100), target);

      FactTree unpacked = TestTrees.unpack(TestTrees.tarOfLink("proc/version", target));
      assertThrows(BadInputException.class, () -> unpacked.read("proc/version", 100), target);
    }
  }

  @Test
  void aFileLargerThanItsLimitIsRefusedInEveryTree() throws IOException {
    Map<String, byte[]> large = Map.of("proc/version", new byte[4097]);
    TestTrees.write(root.resolve("directory"), large);
    FactTree directory = FactTree.open(root.resolve("directory"));
    FactTree tar = FactTree.open(archive(TestTrees.tar("", large)));
    for (FactTree tree : new FactTree[] {directory, tar}) {
      var e = assertThrows(BadInputException.class, () -> tree.read("proc/version", 4096));
      assertEquals("proc/version", e.file());
      assertEquals("offset 0x1000", e.place());
      assertTrue(tree.read("proc/version", 4097).isPresent());
    }
  }

  @Test
  void aPipeIsNoFile() throws IOException, InterruptedException {
    Path pipe = root.resolve("machine/proc/version");
    Files.createDirectories(pipe.getParent());
    if (new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0) {
      assertFalse(FactTree.open(root.resolve("machine")).read("proc/version", 9).isPresent());
    }
  }

  @Test
  void aTruncatedArchiveIsRefused() throws IOException {
    byte[] tar = TestTrees.tar("", Map.of("proc/iomem", new byte[3000]));
    byte[] packed = TestTrees.gzip(tar);
    for (int length : new int[] {1, 300, 513, 2000}) {
      assertThrows(
          BadInputException.class, () -> TestTrees.unpack(Arrays.copyOf(tar, length)), "" + length);
    }
    for (int length = 1; length < packed.length; length += 7) {
      byte[] cut = Arrays.copyOf(packed, length);
      assertThrows(BadInputException.class, () -> TestTrees.unpack(cut), "" + length);
    }
  }

  @Test
  void aBombIsRefusedWithinItsLimit() throws IOException {
    byte[] header = Arrays.copyOf(TestTrees.tar("", Map.of("big", new byte[0])), 512);
    byte[] size = "77777777777 ".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    putChecksum(header);
    InputStream bomb = new SequenceInputStream(new ByteArrayInputStream(header), zeros());
    var e =
        assertThrows(
            BadInputException.class,
            () -> TarFile.unpack("bomb.tar", new BufferedInputStream(bomb)));
    assertTrue(e.getMessage().contains("512 MiB"), e.getMessage());
  }

  @Test
  void aLongNameWithoutAnEndIsRefused() {
    byte[] header = Arrays.copyOf(TestTrees.tar("", Map.of("././@LongLink", new byte[0])), 512);
    header[156] = 'L';
    byte[] size = "00100000000 ".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(size, 0, header, 124, size.length);
    putChecksum(header);
    assertThrows(BadInputException.class, () -> TestTrees.unpack(header));
  }

  @Test
  void headersWithoutAnEndAreRefused() {
    byte[] one = Arrays.copyOf(TestTrees.tar("", Map.of("x", new byte[0])), 512);
    one[156] = 'x';
    putChecksum(one);
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 10_000; i++) {
      many.writeBytes(one);
    }
    assertThrows(BadInputException.class, () -> TestTrees.unpack(many.toByteArray()));
  }

  private static void putChecksum(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    byte[] text = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, header, 148, text.length);
  }

  private static InputStream zeros() {
    return new InputStream() {
      @Override
      public int read() {
        return 0;
      }

      @Override
      public int read(byte[] buffer, int offset, int length) {
        Arrays.fill(buffer, offset, offset + length, (byte) 0);
        return length;
      }
    };
  }

  @Test
  void longNamesSurvive() {
    String name = "sys/devices/" + "a/".repeat(90) + "config";
    FactTree tree = TestTrees.unpack(TestTrees.tar("", Map.of(name, bytes("x"))));
    assertArrayEquals(bytes("x"), tree.read(name, 9).bytes().orElseThrow());
  }

  @Property(tries = 300)
  void anyBytesUnpackOrAreRefused(@ForAll @Size(max = 3000) byte[] archive) {
    try {
      FactTree unused = TestTrees.unpack(archive);
    } catch (BadInputException e) {
      assertTrue(e.getMessage().startsWith("test.tar, offset 0x"), e.getMessage());
    }
  }

  @Property(tries = 300)
  void aDamagedArchiveUnpacksOrIsRefused(
      @ForAll @Size(max = 6) int[] places, @ForAll byte value, @ForAll boolean packed) {
    byte[] tar = TestTrees.tar("", Map.of("proc/" + "n".repeat(120), new byte[700]));
    byte[] archive = packed ? TestTrees.gzip(tar) : tar;
    for (int place : places) {
      archive[Math.floorMod(place, archive.length)] ^= value;
    }
    try {
      FactTree unused = TestTrees.unpack(archive);
    } catch (BadInputException e) {
      assertEquals("test.tar", e.file());
    }
  }
}
