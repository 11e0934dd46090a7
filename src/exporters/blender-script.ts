/** Runs inside Blender (3.4 and newer). Reads data/ beside itself; adds one collection and deletes nothing. */
export const BLENDER_SCRIPT = `"""Imports a Foursight scene: Scripting > Open > Run, or blender --python import_foursight.py"""
import array
import json
import os
import sys
import bpy
from mathutils import Matrix

def find_folder():
    try:
        folder = os.path.dirname(os.path.abspath(__file__))
        if os.path.isdir(os.path.join(folder, "data")):
            return folder
    except NameError:
        pass
    for text in bpy.data.texts:
        folder = os.path.dirname(bpy.path.abspath(text.filepath)) if text.filepath else ""
        if os.path.isfile(os.path.join(folder, "data", "scene.json")):
            return folder
    raise RuntimeError("The data folder must lie beside this script: unpack the whole archive first.")

FOLDER = find_folder()
with open(os.path.join(FOLDER, "data", "scene.json"), encoding="utf-8") as file:
    INFO = json.load(file)
COLLECTION = bpy.data.collections.new(INFO["title"])
bpy.context.scene.collection.children.link(COLLECTION)

def read(name, kind):
    values = array.array(kind)
    with open(os.path.join(FOLDER, "data", name), "rb") as file:
        values.frombytes(file.read())
    if sys.byteorder == "big":
        values.byteswap()
    return values

def set_time():
    scene = bpy.context.scene
    scene.render.fps = max(1, round(INFO["fps"]))
    scene.render.fps_base = scene.render.fps / INFO["fps"]
    scene.frame_start = 0
    scene.frame_end = INFO["frames"] - 1
    scene.render.resolution_x, scene.render.resolution_y = INFO["size"]

def make_camera():
    lens = bpy.data.cameras.new("Recorded camera")
    camera = bpy.data.objects.new("Recorded camera", lens)
    COLLECTION.objects.link(camera)
    lens.sensor_fit = "HORIZONTAL"
    lens.sensor_width = 36
    width, height = INFO["size"]
    camera.rotation_mode = "QUATERNION"
    before = None
    for frame, entry in enumerate(INFO["cameras"]):
        matrix = Matrix([entry["matrix"][i * 4:i * 4 + 4] for i in range(4)])
        place, turn, _ = matrix.decompose()
        if before is not None and before.dot(turn) < 0:
            turn.negate()
        before = turn.copy()
        camera.location, camera.rotation_quaternion = place, turn
        lens.lens = entry["fx"] / width * 36
        lens.shift_x = (width / 2 - entry["cx"]) / width
        lens.shift_y = (entry["cy"] - height / 2) / width
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_quaternion", frame=frame)
        lens.keyframe_insert("lens", frame=frame)
    pictures = os.path.join(FOLDER, "images", "000000.png")
    if os.path.isfile(pictures):
        image = bpy.data.images.load(pictures)
        image.source = "SEQUENCE"
        background = lens.background_images.new()
        background.image = image
        background.image_user.frame_start = 0
        background.image_user.frame_offset = -1
        background.image_user.frame_duration = INFO["frames"]
        lens.show_background_images = True
    bpy.context.scene.camera = camera

def make_material(name):
    """Colours as they were filmed: nothing in the scene lights them. Gives the material and its shader."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    emission = nodes.new("ShaderNodeEmission")
    output = nodes.new("ShaderNodeOutputMaterial")
    links.new(emission.outputs["Emission"], output.inputs["Surface"])
    return material, emission

def make_point_material():
    material, emission = make_material("Foursight points")
    colour = material.node_tree.nodes.new("ShaderNodeAttribute")
    colour.attribute_name = "Col"
    material.node_tree.links.new(colour.outputs["Color"], emission.inputs["Color"])
    return material

def make_point_nodes(material):
    """Vertices alone do not render: geometry nodes make small spheres of them."""
    group = bpy.data.node_groups.new("Foursight points", "GeometryNodeTree")
    if hasattr(group, "interface"):
        group.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
        group.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    else:
        group.inputs.new("NodeSocketGeometry", "Geometry")
        group.outputs.new("NodeSocketGeometry", "Geometry")
    source, sink = group.nodes.new("NodeGroupInput"), group.nodes.new("NodeGroupOutput")
    points, paint = group.nodes.new("GeometryNodeMeshToPoints"), group.nodes.new("GeometryNodeSetMaterial")
    points.inputs["Radius"].default_value = INFO["point_radius"]
    paint.inputs["Material"].default_value = material
    group.links.new(source.outputs[0], points.inputs[0])
    group.links.new(points.outputs[0], paint.inputs[0])
    group.links.new(paint.outputs[0], sink.inputs[0])
    return group

def make_cloud(name, nodes, material):
    xyz = read(name + ".f32", "f")
    rgb = read(name + ".u8", "B")
    mesh = bpy.data.meshes.new(name)
    mesh.vertices.add(len(xyz) // 3)
    mesh.vertices.foreach_set("co", xyz)
    # "color" is linear in every version; "color_srgb" came later.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (i / 255 for i in range(256))]
    rgba = array.array("f", [1.0]) * (len(rgb) // 3 * 4)
    for channel in range(3):
        rgba[channel::4] = array.array("f", [linear[v] for v in rgb[channel::3]])
    colours = mesh.color_attributes.new("Col", "FLOAT_COLOR", "POINT")
    colours.data.foreach_set("color", rgba)
    mesh.materials.append(material)
    mesh.update()
    cloud = bpy.data.objects.new(name, mesh)
    modifier = cloud.modifiers.new("Points", "NODES")
    modifier.node_group = nodes
    COLLECTION.objects.link(cloud)
    return cloud

def show_only_at(thing, frame):
    for at, hidden in ((frame - 1, True), (frame, False), (frame + 1, True)):
        # The first and the last moment stay on show outside the clip.
        if at < 0 or at > INFO["frames"] - 1:
            continue
        thing.hide_viewport = thing.hide_render = hidden
        thing.keyframe_insert("hide_viewport", frame=at)
        thing.keyframe_insert("hide_render", frame=at)

def make_tracks():
    for index, track in enumerate(INFO["tracks"]):
        curve = bpy.data.curves.new("Track %d" % track["track"], "CURVE")
        curve.dimensions = "3D"
        curve.bevel_depth = INFO["point_radius"] * 0.6
        line = curve.splines.new("POLY")
        points = track["points"]
        line.points.add(len(points) // 3 - 1)
        for i, point in enumerate(line.points):
            point.co = (*points[3 * i:3 * i + 3], 1)
        material, emission = make_material("Foursight track")
        emission.inputs["Color"].default_value = (*track["colour"], 1)
        material.diffuse_color = (*track["colour"], 1)
        curve.materials.append(material)
        COLLECTION.objects.link(bpy.data.objects.new("Track %d" % track["track"], curve))

set_time()
make_camera()
MATERIAL = make_point_material()
NODES = make_point_nodes(MATERIAL)
make_cloud("static", NODES, MATERIAL)
for FRAME in INFO["moments"]:
    show_only_at(make_cloud("moving_%06d" % FRAME, NODES, MATERIAL), FRAME)
make_tracks()
print("Foursight: %d frames, %d tracks imported" % (INFO["frames"], len(INFO["tracks"])))
`;
